import { cfiOf, rangeOf } from './cfi';
import { pageOf, totalOf } from './progress';
import type { Anchor } from './renderer';
import { reveal } from './tables';
import { drawnPart, findQuote, firstCharacter, fractionOf, pointAt, quoteAt } from './text';
import type { Locator, Place, Publication, Section } from './types';

/** Where a locator leads in its chapter; text that a wide table has scrolled away is brought into sight. */
export function anchorOf(doc: Document, to: Locator): Anchor {
  const found = find(doc, to);
  if (typeof found !== 'number') reveal(found);
  return found;
}

/** By CFI, else by the quote, by an element's name, by the share of the chapter; its beginning when all of them fail. */
function find(doc: Document, to: Locator): Anchor {
  const found = (to.cfi && rangeOf(doc, to.cfi)) || (to.quote && findQuote(doc, to.quote, to.fraction)) || null;
  const drawn = found && drawnPart(found);
  if (drawn) return drawn;
  const named = to.fragment ? (doc.getElementById(to.fragment) ?? doc.getElementsByName(to.fragment)[0]) : null;
  if (named) return named;
  const point = to.fraction ? pointAt(doc, to.fraction) : null;
  if (!point) return 0;
  const range = doc.createRange();
  range.setStart(point.node, point.offset);
  return range;
}

/**
 * The place of a page that shows a range of its chapter. `shown` is the renderer's own share, for a page without text;
 * `end`: its last words are those of the book.
 */
export function placeOf(book: Publication, section: Section, range: Range, shown: number, end: boolean): Place {
  const first = firstCharacter(range);
  const point = first ?? { node: range.startContainer, offset: range.startOffset };
  const at = range.cloneRange();
  at.setStart(point.node, point.offset);
  at.collapse(true);
  const fraction = first ? fractionOf(first) : shown || 0;
  return locate(book, section, cfiOf(section.cfi, at), first ? quoteAt(first) : '', fraction, end);
}

/** The place of a page that is a chapter of its own. */
export function fixedPlaceOf(book: Publication, section: Section, end: boolean): Place {
  return locate(book, section, `epubcfi(${section.cfi}!/4)`, '', 0, end);
}

function locate(book: Publication, section: Section, cfi: string, quote: string, fraction: number, end: boolean): Place {
  const total = end ? 1 : totalOf(book, section.number, fraction);
  return { chapter: section.number, cfi, quote, fraction, total, page: pageOf(section, end ? 1 : fraction), end };
}
