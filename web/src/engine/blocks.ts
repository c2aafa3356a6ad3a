/**
 * Says of a block of text that is no paragraph by its name how it reads: as `prose`, or as a `line` whose ends are the book's own.
 * Converters write whole books in such blocks.
 */
export const READS = 'data-reader-text';

const BLOCKS = 'body, div, section, article, main, aside, center';
const INNER = `p, li, dl, ul, ol, table, pre, blockquote, figure, hr, h1, h2, h3, h4, h5, h6, ${BLOCKS}`;
const OTHERS = 'h1, h2, h3, h4, h5, h6, pre, table, figure, svg, math';
const SET_APART = ['poem', 'poetry', 'verse', 'stanza', 'titl'].map((word) => `[class*="${word}" i]`).join(', ');

/** Characters that make a line longer than those of verse, and how much larger than the book's the letters of a title are. */
const LONG = 100;
const LARGER = 1.12;

/** Finds such blocks, so that the reader's spacing and edges reach them (`styles.ts`). Later the book's own alignment would not be seen. */
export function markBlocks(doc: Document): void {
  const blocks = [...doc.querySelectorAll(BLOCKS)].filter((block) => hasText(block) && !block.closest(OTHERS));
  if (blocks.length === 0) return;
  const long = parentsOfLong(blocks);
  whileDrawn(doc, () => {
    const usual = getComputedStyle(doc.body);
    for (const block of blocks) {
      const style = getComputedStyle(block);
      if (isLaidOutByHand(style, usual)) continue;
      const prose = long.has(block.parentElement) && !block.closest(SET_APART) && flows(style, usual);
      block.setAttribute(READS, prose ? 'prose' : 'line');
    }
  });
}

/** Whether a block has words of its own, not only other blocks with words. */
function hasText(block: Element): boolean {
  return [...block.childNodes].some((node) => {
    if (!node.textContent?.trim()) return false;
    return node.nodeType === 3 || (node.nodeType === 1 && !(node as Element).matches(`${INNER}, style, script`) && !(node as Element).querySelector(INNER));
  });
}

/** Short lines follow long ones in prose, as where people talk; in a poem all are short. */
function parentsOfLong(blocks: readonly Element[]): ReadonlySet<Element | null> {
  return new Set(blocks.filter((block) => lineLength(block) >= LONG).map((block) => block.parentElement));
}

function lineLength(block: Element): number {
  return (block.textContent ?? '').replace(/\s+/g, ' ').length / (1 + block.querySelectorAll('br').length);
}

/** Titles are larger and closer; what keeps its white space was laid out with it. */
function isLaidOutByHand(style: CSSStyleDeclaration, usual: CSSStyleDeclaration): boolean {
  return style.whiteSpace.startsWith('pre') || parseFloat(style.fontSize) > LARGER * parseFloat(usual.fontSize);
}

/** Whether the book leaves it open how the lines of a block end: what it centres or pushes aside stays there. */
function flows({ textAlign, direction }: CSSStyleDeclaration, usual: CSSStyleDeclaration): boolean {
  if (textAlign === 'start' || textAlign === 'justify') return true;
  return textAlign === usual.textAlign && textAlign === (direction === 'rtl' ? 'right' : 'left');
}

/** Some browsers know no styles in a frame that is not drawn, and a chapter that has just come is not. */
function whileDrawn(doc: Document, act: () => void): void {
  const style = (doc.defaultView?.frameElement as HTMLElement | null)?.style;
  const before = style?.display ?? '';
  if (style) style.display = 'block';
  act();
  if (style) style.display = before;
}
