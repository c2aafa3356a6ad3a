/** Says of a table that its columns have no room on the page. Its structure stays, because addresses of places count elements. */
const WIDE = 'data-reader-wide';

/** Finds the tables that are wider than their column of text: these scroll within it (`styles.ts`), the others break over pages. */
export function markWideTables(doc: Document): void {
  for (const table of doc.querySelectorAll('table')) {
    const isMarked = table.hasAttribute(WIDE);
    const isWide = isMarked ? table.scrollWidth > table.clientWidth : table.offsetWidth > (table.parentElement?.clientWidth ?? Infinity) + 1;
    if (isWide && !isMarked) mark(table);
    else if (!isWide && isMarked && table.scrollHeight <= table.clientHeight) unmark(table);
  }
}

/** Fingers and wheels that move such a table do not turn the page. */
export function leaveToTables(doc: Document): void {
  const leave = (event: Event): void => {
    if ((event.target as Element | null)?.closest?.(`[${WIDE}]`)) event.stopPropagation();
  };
  for (const kind of ['touchstart', 'touchmove', 'touchend', 'wheel']) doc.addEventListener(kind, leave, { capture: true, passive: true });
}

function mark(table: HTMLTableElement): void {
  table.setAttribute(WIDE, '');
  table.tabIndex = 0;
}

function unmark(table: HTMLTableElement): void {
  table.removeAttribute(WIDE);
  table.removeAttribute('tabindex');
}
