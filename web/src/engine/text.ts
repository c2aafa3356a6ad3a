export type Point = { node: Node; offset: number };

const TEXTS_AND_ELEMENTS = 5; // NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT
/** Not text, here and on the server: what is not shown, and the readings of ruby, which would tear words apart. */
const NO_TEXT = new Set(['rt', 'rp', 'rtc', 'script', 'style', 'template', 'title', 'desc']);
const isText = (node: Node | null | undefined): node is Text => node?.nodeType === 3 || node?.nodeType === 4;

/**
 * The first character of a range that can be seen and is no white space: a range may begin at an element, at a space that
 * hangs on the page before, or at words that a style hides.
 */
export function firstCharacter(range: Range): Point | null {
  for (const node of textsIn(range)) {
    const from = node === range.startContainer ? range.startOffset : 0;
    const to = node === range.endContainer ? range.endOffset : node.data.length;
    const offset = node.data.slice(from, to).search(/\S/);
    if (offset >= 0 && isDrawn(character(node, from + offset))) return { node, offset: from + offset };
  }
  return null;
}

/** The text of a range, as a quote: white space collapsed, without the readings of ruby. */
export function textOf(range: Range): string {
  let text = '';
  for (const node of textsIn(range)) {
    const from = node === range.startContainer ? range.startOffset : 0;
    text += node.data.slice(from, node === range.endContainer ? range.endOffset : node.data.length);
  }
  return text.replace(/\s+/g, ' ').trim();
}

/** The nearest part of the document around an address that is drawn, so that a page can be found for it; null when none is. */
export function drawnPart(range: Range): Range | Element | null {
  if (!range.collapsed && isDrawn(range)) return range;
  const { startContainer: start, startOffset } = range;
  if (isText(start) && start.data.length > 0 && isDrawn(character(start, Math.min(startOffset, start.data.length - 1)))) return range;
  const child = start.childNodes[startOffset] ?? null;
  let element = child?.nodeType === 1 ? (child as Element) : isText(start) ? start.parentElement : (start as Element);
  while (element && element.parentElement && !isDrawn(element)) element = element.parentElement;
  return element === element?.ownerDocument.body ? null : element;
}

/** Styles hide words by taking them out of the layout or by moving them to the left of or above everything. */
function isDrawn(part: Range | Element): boolean {
  return [...part.getClientRects()].some((box) => (box.width > 0 || box.height > 0) && box.right > 0 && box.bottom > 0);
}

function character(node: Text, offset: number): Range {
  const range = node.ownerDocument.createRange();
  range.setStart(node, offset);
  range.setEnd(node, offset + 1);
  return range;
}

/** The text that begins at a point, white space collapsed, without splitting a character. At most `length` UTF-16 units. */
export function quoteAt(point: Point, length = 80): string {
  const walker = walkerOf(point.node);
  walker.currentNode = point.node;
  let text = isText(point.node) ? point.node.data.slice(point.offset) : '';
  while (text.length < length) {
    const node = walker.nextNode();
    if (!node) break;
    text += (node as Text).data;
  }
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '').replace(/\s+/g, ' ').trim();
}

/** Where a quote stands in a document, white space aside; of several places the one nearest to `fraction` (0-1). */
export function findQuote(doc: Document, quote: string, fraction = 0): Range | null {
  const wanted = squeeze(quote);
  if (wanted === '') return null;
  const nodes = textsOf(doc);
  const flat = nodes.map((node) => squeeze(node.data));
  const at = nearest(flat.join(''), wanted, fraction);
  return at === null ? null : rangeAt(doc, nodes, flat, at);
}

/** How far a point is into its document, 0-1, by characters. */
export function fractionOf(point: Point): number {
  const doc = point.node.ownerDocument;
  if (!doc) return 0;
  const counted = countOf(doc);
  return counted.total === 0 ? 0 : Math.min(1, before(counted, point) / counted.total);
}

/** The point that lies a fraction (0-1) into a document, by characters. */
export function pointAt(doc: Document, fraction: number): Point | null {
  const counted = countOf(doc);
  const wanted = fraction * counted.total;
  const filled = [...counted.starts].filter(([node]) => node.data.trim());
  const [node, start] = filled.findLast(([, from]) => from <= wanted) ?? filled[0] ?? [];
  if (!node || start === undefined) return null;
  const share = Math.max(0, (wanted - start) / weight(node.data));
  return { node, offset: Math.min(node.data.length - 1, Math.floor(share * node.data.length)) };
}

type Count = { starts: ReadonlyMap<Text, number>; total: number };
const counts = new WeakMap<Document, Count>();

/** The characters before each text, counted once for a document. */
function countOf(doc: Document): Count {
  const known = counts.get(doc);
  if (known) return known;
  const starts = new Map<Text, number>();
  let total = 0;
  for (const node of textsOf(doc)) {
    starts.set(node, total);
    total += weight(node.data);
  }
  const counted = { starts, total };
  counts.set(doc, counted);
  return counted;
}

function before(counted: Count, { node, offset }: Point): number {
  if (isText(node)) return (counted.starts.get(node) ?? 0) + weight(node.data.slice(0, offset));
  const walker = walkerOf(node);
  walker.currentNode = node.childNodes[offset] ?? node;
  const next = isText(walker.currentNode) ? walker.currentNode : (walker.nextNode() as Text | null);
  return next ? (counted.starts.get(next) ?? 0) : counted.total;
}

/** Characters with white space collapsed, as the server counts them within a block. */
const weight = (data: string): number => data.replace(/\s+/g, ' ').length;
const squeeze = (data: string): string => data.replace(/\s+/g, '');

function* textsIn(range: Range): Generator<Text> {
  const { startContainer: start, startOffset } = range;
  const walker = walkerOf(start);
  const child = isText(start) ? start : (start.childNodes[startOffset] ?? null);
  walker.currentNode = child ?? start;
  if (isText(child)) yield child;
  for (let node = walker.nextNode(); node && range.comparePoint(node, 0) <= 0; node = walker.nextNode()) {
    if (range.comparePoint(node, (node as Text).data.length) >= 0) yield node as Text;
  }
}

function textsOf(doc: Document): Text[] {
  const walker = walkerOf(doc.body);
  const nodes: Text[] = [];
  while (walker.nextNode()) nodes.push(walker.currentNode as Text);
  return nodes;
}

function walkerOf(node: Node): TreeWalker {
  const doc = node.ownerDocument ?? (node as Document);
  return doc.createTreeWalker(doc.body, TEXTS_AND_ELEMENTS, (each) => {
    if (isText(each)) return 1; // FILTER_ACCEPT
    return NO_TEXT.has((each as Element).localName) ? 2 : 3; // FILTER_REJECT, FILTER_SKIP
  });
}

function nearest(text: string, wanted: string, fraction: number): number | null {
  const hoped = fraction * text.length;
  let best: number | null = null;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    if (best === null || Math.abs(at - hoped) < Math.abs(best - hoped)) best = at;
  }
  return best;
}

function rangeAt(doc: Document, nodes: readonly Text[], flat: readonly string[], at: number): Range | null {
  let rest = at;
  for (const [index, own] of flat.entries()) {
    const node = nodes[index];
    if (node && rest < own.length) {
      const range = doc.createRange();
      range.setStart(node, offsetOf(node.data, rest));
      return range;
    }
    rest -= own.length;
  }
  return null;
}

/** The offset of the character that has `count` characters other than white space before it. */
function offsetOf(data: string, count: number): number {
  let seen = 0;
  for (let offset = 0; offset < data.length; offset += 1) {
    if (/\S/.test(data.charAt(offset))) {
      if (seen === count) return offset;
      seen += 1;
    }
  }
  return data.length;
}
