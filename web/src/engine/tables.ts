import { markMisfit } from './misfits';
import type { Box } from './types';

/** Says of a table that its columns have no room on the page. Its structure stays, because addresses of places count elements. */
export const WIDE = 'data-reader-wide';

/** Finds the tables that are wider than their column of text: these scroll within it (`styles.ts`), the others break over pages. */
export function markWideTables(doc: Document): void {
  for (const table of doc.querySelectorAll('table')) {
    if (table.parentElement?.closest('table')) continue;
    const wide = table.hasAttribute(WIDE);
    markMisfit(table, WIDE, (room) => Math.max(...[...table.getClientRects()].map((part) => part.width)) > room + 1);
    if (wide && !table.hasAttribute(WIDE)) table.removeAttribute('tabindex');
  }
}

/** Listens to what people do with such tables: it does not turn pages. `moved` hears that one was scrolled. */
export function listenToTables(doc: Document, moved: () => void): void {
  const keep = (event: Event): void => {
    const isOtherKey = 'key' in event && !String(event.key).startsWith('Arrow');
    if (!isOtherKey && wideTableAt(event.target as Node | null)) event.stopPropagation();
  };
  for (const kind of ['touchstart', 'touchmove', 'touchend', 'wheel', 'keydown']) doc.addEventListener(kind, keep, { capture: true, passive: true });
  doc.addEventListener('scroll', (event) => event.target !== doc && moved(), { capture: true, passive: true });
}

/** The scrolling table that something stands in. */
function wideTableAt(node: Node | null): Element | null {
  const element = node?.nodeType === 1 ? (node as Element) : node?.parentElement;
  return element?.closest?.(`[${WIDE}]`) ?? null;
}

/** Whether a range may reach into such a table. */
export function meetsWideTable({ commonAncestorContainer: root }: Range): boolean {
  return wideTableAt(root) !== null || (root.nodeType === 1 && (root as Element).querySelector(`[${WIDE}]`) !== null);
}

/** Scrolls what stands in such a table into its view. */
export function reveal(what: Range | Element): void {
  const table = wideTableAt('startContainer' in what ? what.startContainer : what);
  const box = table && what.getClientRects()[0];
  if (!box) return;
  const view = table.getBoundingClientRect();
  table.scrollBy(offBy(box.left, box.right, view.left, view.right), offBy(box.top, box.bottom, view.top, view.bottom));
}

/** The boxes of something, without what a table has scrolled out of its view. */
export function inView(node: Node, boxes: Iterable<Box>): Box[] {
  const view = wideTableAt(node)?.getBoundingClientRect();
  return view ? [...boxes].flatMap((box) => cut(box, view)) : [...boxes];
}

/** Px by which a stretch stands out of another one; where it is longer, its beginning counts. */
function offBy(start: number, end: number, from: number, to: number): number {
  if (start < from) return start - from;
  return end > to ? Math.min(end - to, start - from) : 0;
}

function cut(box: Box, view: Box): Box[] {
  const [left, right] = [Math.max(box.left, view.left), Math.min(box.right, view.right)];
  const [top, bottom] = [Math.max(box.top, view.top), Math.min(box.bottom, view.bottom)];
  return left < right && top < bottom ? [{ left, right, top, bottom }] : [];
}
