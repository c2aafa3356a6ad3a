import * as CFI from 'foliate-js/epubcfi.js';

/** The chapter that an address names, from 1; null when it names none. The last step before `!` counts itemrefs by twos. */
export function chapterOf(cfi: string): number | null {
  if (!CFI.isCFI.test(cfi)) return null;
  const index = head(CFI.parse(cfi))[0]?.at(-1)?.index ?? 0;
  return index >= 2 && index % 2 === 0 ? index / 2 : null;
}

/** The part of the document that an address names: a range, a point, or an element. Null when it does not fit the document. */
export function rangeOf(doc: Document, cfi: string): Range | null {
  if (!CFI.isCFI.test(cfi)) return null;
  const parsed = CFI.parse(cfi);
  const path = head(parsed);
  path.shift();
  if (path.length === 0 || (path.length === 1 && path[0]?.length === 0 && Array.isArray(parsed))) return startOf(doc);
  try {
    return CFI.toRange(doc, parsed);
  } catch (error) {
    // A step without its node, or an offset beyond the text: the address was made for another text.
    if (isMisfit(error)) return null;
    throw error;
  }
}

/** The standard address of a range or point in a chapter, whose own step is `step`. */
export function cfiOf(step: string, range: Range): string {
  const local = /^epubcfi\((.*)\)$/.exec(CFI.fromRange(range))?.[1] ?? '';
  return `epubcfi(${step}!${withoutAssertions(local)})`;
}

/** Assertions of ids break other readers' parsers when the ids hold special characters; the quote repairs better. */
export function withoutAssertions(path: string): string {
  return path.replace(/\[(?:\^.|[^\]^])*\]/g, '');
}

/** The order of two addresses in the book: negative, zero or positive. */
export const compare = (a: string, b: string): number => CFI.compare(a, b);

function head(parsed: CFI.Parsed): CFI.Path {
  return Array.isArray(parsed) ? parsed : parsed.parent;
}

function startOf(doc: Document): Range {
  const range = doc.createRange();
  range.setStart(doc.body, 0);
  return range;
}

// A frame's exceptions are made by the frame's own window, so instanceof does not know them.
function isMisfit(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && ['TypeError', 'IndexSizeError', 'InvalidNodeTypeError'].includes(String(error.name));
}
