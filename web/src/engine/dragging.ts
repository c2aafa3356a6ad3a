import type { Sight } from './sight';

/** Milliseconds that a pointer which selects has to rest at the edge of a page to turn it, and the px that are its edge. */
const REST = 600;
const EDGE = 14;

/** What the page is that words are selected on. */
export type Paged = {
  /** Null where there are no pages to turn. */
  sight(): Sight | null;
  /** The words on the page. */
  shown(): Range | null;
  /** Pages follow each other from right to left. */
  readonly rtl: boolean;
  /** Turns the page within its chapter. */
  turnUnder(step: 1 | -1): void;
};

/**
 * Listens to a mouse that selects. The frame reaches over the edges of the page, so that the selection does too: a page is
 * turned for it only when the pointer rests there, and what is selected out of sight is let go. `done` hears that it ended.
 */
export function listenToDragging(doc: Document, page: Paged, done: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dragging = false;
  let edge = 0;
  const rest = (at: -1 | 0 | 1): void => {
    clearTimeout(timer);
    edge = at;
    if (at !== 0) timer = setTimeout(() => doc.getSelection()?.isCollapsed === false && page.turnUnder(at), REST);
  };
  const end = (): void => {
    rest(0);
    if (dragging && page.sight() && holdBack(doc, page.shown())) done();
    dragging = false;
  };
  doc.addEventListener('pointerdown', (event) => (dragging = event.pointerType === 'mouse' && event.button === 0));
  doc.addEventListener('pointermove', (event) => {
    const at = dragging ? edgeAt(event, page) : 0;
    // Whoever wants another page comes back to this one first.
    if (at !== edge) rest(at);
  });
  doc.addEventListener('pointerup', end);
  doc.addEventListener('pointercancel', end);
}

function edgeAt(event: PointerEvent, page: Paged): -1 | 0 | 1 {
  const sight = page.sight();
  if (!sight) return 0;
  const at = sight.vertical ? event.clientY : event.clientX;
  const forward = page.rtl && !sight.vertical ? -1 : 1;
  if (at > sight.to - EDGE) return forward;
  return at < sight.from + EDGE ? (-forward as 1 | -1) : 0;
}

/** Takes the end of a selection that moves with the pointer back to the words in sight. Says whether anything is selected. */
function holdBack(doc: Document, shown: Range | null): boolean {
  const selection = doc.getSelection();
  const { focusNode: node, focusOffset } = selection ?? {};
  if (!selection || !node || selection.isCollapsed) return false;
  if (shown?.startContainer.ownerDocument !== doc) return true;
  const beyond = shown.comparePoint(node, focusOffset ?? 0);
  if (beyond > 0) selection.extend(shown.endContainer, shown.endOffset);
  else if (beyond < 0) selection.extend(shown.startContainer, shown.startOffset);
  return true;
}
