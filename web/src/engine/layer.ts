import { rangeOf } from './cfi';
import { isInSight, type Sight } from './sight';
import { inView, meetsWideTable } from './tables';
import type { Box, Mark, MarkInSight } from './types';

/** Px between the text and the rule beside it, half the size of the sign under the rule, and half of what a finger may hit. */
const OFF = 10;
const SIGN = 7;
const HIT = 12;
const PICTURE = 'M2.5 3.5h15v13h-15zM2.5 14 7 9.5l3.5 3.5 2.5-2.5 4.5 4M11.5 7.3a1.3 1.3 0 1 0 2.6 0a1.3 1.3 0 1 0-2.6 0';
/** A passage without a picture: one may be had, is on its way, or did not come. */
const SIGNS = {
  offer: { path: 'M2.5 3.5h15v13h-15zM10 7v6M7 10h6', colour: 'var(--ink-3)' },
  waiting: { path: 'M2.5 10a7.5 7.5 0 1 0 15 0a7.5 7.5 0 1 0-15 0M10 5.5V10l3 2', colour: 'var(--ink-2)' },
  failed: { path: 'M10 2.8 18 17H2zM10 8v4.2M10 14.6v.2', colour: 'var(--bad)' },
} as const;

/** Marks whose words can be tapped; the others have a sign of their own, or none. */
const TAPPED: ReadonlySet<Mark['kind']> = new Set(['picture', 'highlight']);

type Side = 'left' | 'right' | 'top';
type Drawn = { mark: Mark; range: Range };

/** What is drawn over a chapter. The renderer places `element` over the text and calls `redraw` after every new layout. */
export class Layer {
  readonly element = document.createElement('div');
  readonly #doc: Document;
  readonly #open: (id: string) => void;
  #drawn: Drawn[] = [];

  constructor(doc: Document, open: (id: string) => void) {
    this.#doc = doc;
    this.#open = open;
    Object.assign(this.element.style, { position: 'absolute', top: '0', left: '0', width: '100%', height: '100%', pointerEvents: 'none' });
  }

  /** Draws these marks and no others. A mark whose address does not fit the text is left out. */
  set(marks: readonly Mark[]): void {
    this.#drawn = marks.flatMap((mark) => {
      const range = rangeOf(this.#doc, mark.cfi);
      if (range?.collapsed && mark.kind === 'bookmark') widen(range);
      return range && !range.collapsed ? [{ mark, range }] : [];
    });
    this.redraw();
  }

  redraw(): void {
    const side = sideOf(this.#doc);
    this.element.replaceChildren(...this.#drawn.flatMap(({ mark, range }) => this.#draw(mark, range, side)));
  }

  /** The mark under a point of the frame, the smallest first when there are several. */
  at(x: number, y: number): string | null {
    const hit = this.#drawn.filter(({ mark, range }) => TAPPED.has(mark.kind) && boxesOf(range).some((box) => inside(box, x, y)));
    return hit.sort((a, b) => a.range.toString().length - b.range.toString().length)[0]?.mark.id ?? null;
  }

  /** The marks of which something is in sight, with the box of what is, in px of the frame. */
  inSight(sight: Sight): readonly MarkInSight[] {
    return this.#drawn.flatMap(({ mark, range }) => {
      const boxes = boxesOf(range).filter((box) => isInSight(sight, box));
      return boxes.length === 0 ? [] : [{ id: mark.id, ...around(boxes) }];
    });
  }

  /** Only signs in sight can be reached by keyboard: focus on another one would scroll the page away. */
  showSigns(ids: ReadonlySet<string>): void {
    for (const sign of this.element.querySelectorAll('button')) sign.tabIndex = ids.has(sign.dataset.mark ?? '') ? 0 : -1;
  }

  #draw(mark: Mark, range: Range, side: Side): HTMLElement[] {
    if (mark.kind === 'picture') return this.#rule(mark, range, side);
    if (mark.kind === 'passage') return fragments(range).slice(-1).map((box) => this.#sign(mark, signBox(box, side, this.#room)));
    if (mark.kind === 'bookmark') return [];
    return highlight(mark.kind === 'found' ? 'var(--accent-soft)' : `var(--mark-${mark.tint})`, range);
  }

  #rule(mark: Mark & { kind: 'picture' }, range: Range, side: Side): HTMLElement[] {
    const boxes = fragments(range);
    const last = boxes.pop();
    if (!last) return [];
    const sign = signBox(last, side, this.#room);
    // A rule that goes on below its sign would end in a stump.
    const end = side === 'top' ? last : { ...last, bottom: Math.min(last.bottom, (sign.top + sign.bottom) / 2) };
    const rules = [...boxes, end].map((box) => place(document.createElement('span'), ruleBox(box, side), { background: 'var(--accent)' }));
    return [...rules, this.#sign(mark, sign)];
  }

  /** Px of the frame at which its pages end. */
  get #room(): number {
    return this.#doc.defaultView?.innerHeight ?? Infinity;
  }

  #sign(mark: Mark & { kind: 'picture' | 'passage' }, box: Box): HTMLElement {
    const { path, colour } = mark.kind === 'picture' ? { path: PICTURE, colour: 'var(--accent)' } : SIGNS[mark.sign];
    const sign = document.createElement('button');
    sign.type = 'button';
    sign.dataset.mark = mark.id;
    sign.setAttribute('aria-label', mark.label);
    sign.append(icon(path));
    sign.addEventListener('click', (event) => {
      event.stopPropagation();
      this.#open(mark.id);
    });
    const look = { pointerEvents: 'auto', padding: `${HIT - SIGN}px`, border: '0', background: 'var(--paper) content-box', color: colour, cursor: 'pointer' };
    return place(sign, box, look);
  }
}

/** A point has no box of its own, so that it takes the character after it. */
function widen(range: Range): void {
  const { startContainer: start, startOffset } = range;
  if (start.nodeType === 3) range.setEnd(start, Math.min(startOffset + 1, (start as Text).data.length));
  else range.selectNode(start.childNodes[startOffset] ?? start);
}

/** Where the rule of a passage stands: before the line's start, or above the lines of a vertical text. */
function sideOf(doc: Document): Side {
  const { writingMode, direction } = getComputedStyle(doc.body);
  if (writingMode.startsWith('vertical')) return 'top';
  return direction === 'rtl' ? 'right' : 'left';
}

function ruleBox(box: Box, side: Side): Box {
  if (side === 'top') return { ...box, top: box.top - OFF - 2, bottom: box.top - OFF };
  const x = side === 'left' ? box.left - OFF - 2 : box.right + OFF;
  return { left: x, right: x + 2, top: box.top, bottom: box.bottom };
}

/** Below the rule, or at its end where the page has no room below: pages end at `room`. */
function signBox(box: Box, side: Side, room: number): Box {
  const rule = ruleBox(box, side);
  const below = Math.min(box.bottom + SIGN + 2, room - HIT);
  const [x, y] = side === 'top' ? [box.left, (rule.top + rule.bottom) / 2] : [(rule.left + rule.right) / 2, below];
  return { left: x - HIT, right: x + HIT, top: y - HIT, bottom: y + HIT };
}

function icon(drawing: string): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', drawing);
  Object.assign(svg.style, { display: 'block', width: '100%', height: '100%', fill: 'none', stroke: 'currentColor', strokeWidth: '1.7' });
  svg.append(path);
  return svg;
}

function highlight(background: string, range: Range): HTMLElement[] {
  const look = { background, mixBlendMode: 'var(--mark-blend, multiply)' };
  return lines(range).map((box) => place(document.createElement('span'), box, look));
}

function place<T extends HTMLElement>(element: T, box: Box, look: Record<string, string>): T {
  const size = { width: `${box.right - box.left}px`, height: `${box.bottom - box.top}px` };
  Object.assign(element.style, { position: 'absolute', left: `${box.left}px`, top: `${box.top}px`, ...size, ...look });
  return element;
}

/** The boxes of a range, without what tables have scrolled away. */
function boxesOf(range: Range): Box[] {
  return meetsWideTable(range) ? textBoxes(range) : [...range.getClientRects()];
}

/** The lines of a range, one box for each text and line: boxes of whole elements would cover what is beside the text. */
function lines(range: Range): Box[] {
  return textBoxes(range).filter((box) => box.right > box.left && box.bottom > box.top);
}

function textBoxes(range: Range): Box[] {
  return textRanges(range).flatMap((part) => inView(part.startContainer, part.getClientRects()));
}

/** A box for each block and page that a range touches: as wide as the block, as high as its lines. */
function fragments(range: Range): Box[] {
  const found: Box[] = [];
  const blocks = new Map<Element, Box[]>();
  for (const part of textRanges(range)) {
    const block = blockOf(part.startContainer);
    blocks.set(block, [...(blocks.get(block) ?? []), ...inView(block, part.getClientRects()).filter((box) => box.right > box.left)]);
  }
  for (const [block, boxes] of blocks) {
    for (const page of inView(block, block.getClientRects())) {
      const own = boxes.filter((box) => overlaps(box, page));
      if (own.length > 0) found.push(spanning(around(own), page, block));
    }
  }
  return found.reduce<Box[]>(joined, []);
}

function spanning(own: Box, page: Box, block: Element): Box {
  const vertical = getComputedStyle(block).writingMode.startsWith('vertical');
  return vertical ? { ...own, top: page.top, bottom: page.bottom } : { ...own, left: page.left, right: page.right };
}

/** Boxes that follow each other without a step aside become one, so that a passage of several paragraphs has one rule. */
function joined(boxes: Box[], next: Box): Box[] {
  const last = boxes.at(-1);
  const follows = last && Math.abs(last.left - next.left) < 2 && next.top >= last.top && next.top - last.bottom < 40;
  return follows ? [...boxes.slice(0, -1), around([last, next])] : [...boxes, next];
}

function textRanges(range: Range): Range[] {
  const root = range.commonAncestorContainer;
  const doc = root.ownerDocument ?? (root as Document);
  const walker = doc.createTreeWalker(root, 4);
  const found: Range[] = [];
  for (let node: Node | null = root.nodeType === 3 ? root : walker.nextNode(); node; node = walker.nextNode()) {
    if (!range.intersectsNode(node) || !(node as Text).data.trim()) continue;
    const part = doc.createRange();
    part.setStart(node, node === range.startContainer ? range.startOffset : 0);
    part.setEnd(node, node === range.endContainer ? range.endOffset : (node as Text).data.length);
    if (!part.collapsed) found.push(part);
  }
  return found;
}

function blockOf(node: Node): Element {
  let element = node.parentElement;
  while (element?.parentElement && /^(inline|ruby|contents)/.test(getComputedStyle(element).display)) element = element.parentElement;
  return element ?? (node.ownerDocument as Document).body;
}

export function around(boxes: readonly Box[]): Box {
  return {
    left: Math.min(...boxes.map((box) => box.left)),
    right: Math.max(...boxes.map((box) => box.right)),
    top: Math.min(...boxes.map((box) => box.top)),
    bottom: Math.max(...boxes.map((box) => box.bottom)),
  };
}

const inside = (box: Box, x: number, y: number): boolean => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
const overlaps = (a: Box, b: Box): boolean => a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;
