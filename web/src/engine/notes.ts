const EPUB = 'http://www.idpf.org/2007/ops';
const SIGN = /^[\s[(]*(?:\d{1,4}|[*†‡§¶]{1,4}|[ivxlc]{1,6}|[a-z])[\s\])]*$/i;
const LONGEST = 6000;

/** Whether a link refers to a note: it says so, or it is a raised sign such as 12 or *. */
export function isNoteReference(link: Element): boolean {
  const kinds = `${link.getAttributeNS(EPUB, 'type') ?? ''} ${link.getAttribute('role') ?? ''}`;
  if (/\b(noteref|doc-noteref)\b/.test(kinds)) return true;
  if (/\b(backlink|referrer|doc-backlink)\b/.test(kinds)) return false;
  const raised = link.closest('sup') ?? link.querySelector('sup') ?? (isRaised(link) ? link : null);
  return raised !== null && SIGN.test(link.textContent ?? '');
}

/** The paragraphs of the note with this id, without its own sign and way back. Empty when there is none, or it is no note but a chapter. */
export function noteIn(doc: Document, id: string): readonly string[] {
  const found = doc.getElementById(id) ?? doc.getElementsByName(id)[0] ?? null;
  const note = found && wholeNote(found);
  if (!note || (note.textContent ?? '').length > LONGEST) return [];
  const copy = note.cloneNode(true) as Element;
  for (const link of copy.querySelectorAll('a')) if (isWayBack(link)) link.remove();
  const blocks = [...copy.querySelectorAll('p, li, dd, blockquote > :not(p)')].filter((each) => !each.querySelector('p'));
  const texts = (blocks.length > 0 ? blocks : [copy]).map((block) => (block.textContent ?? '').replace(/\s+/g, ' ').trim());
  return texts.filter(Boolean);
}

/** The id often stands on an anchor or a title inside the note. */
function wholeNote(found: Element): Element {
  const typed = found.closest('aside, li, dd, [role="doc-footnote"], [role="doc-endnote"]');
  if (typed) return typed;
  const inline = found.closest('p, div, section, td');
  return found.textContent?.trim() && !/^(a|sup|span|b|i)$/.test(found.localName) ? found : (inline ?? found);
}

function isWayBack(link: Element): boolean {
  const kinds = `${link.getAttributeNS(EPUB, 'type') ?? ''} ${link.getAttribute('role') ?? ''}`;
  const text = (link.textContent ?? '').trim();
  return /\b(backlink|doc-backlink|referrer)\b/.test(kinds) || /^[↩↑^⏎←\uFE0E\s]+$/.test(text) || SIGN.test(text);
}

function isRaised(link: Element): boolean {
  const view = link.ownerDocument.defaultView;
  return view !== null && /super|top/.test(view.getComputedStyle(link).verticalAlign);
}

/** A chapter that is not shown; null when it does not come. */
export async function documentAt(address: string): Promise<Document | null> {
  try {
    const answer = await fetch(address);
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), 'application/xhtml+xml') : null;
  } catch {
    return null;
  }
}
