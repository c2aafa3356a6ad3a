import { markMisfit } from './misfits';

/** Says of what floats that no words have room beside it. */
export const ALONE = 'data-reader-alone';
const PICTURES = 'img, svg, video';

/** Letters that have to have room beside a picture: lines of fewer break words. */
const LETTERS = 8;
/** How many elements around a picture may float in its place. */
const DEPTH = 3;

/** Finds the pictures that float in a column which is too narrow for them and words: they stand alone (`styles.ts`). */
export function markLonelyFloats(doc: Document): void {
  for (const picture of doc.querySelectorAll<HTMLImageElement>(PICTURES)) {
    // Its size is not known yet.
    if (picture.complete === false) continue;
    const float = picture.closest(`[${ALONE}]`) ?? floatAround(picture);
    if (float) markMisfit(float, ALONE, (room, size) => room - widthOf(float) < LETTERS * size);
  }
}

function floatAround(picture: Element): Element | null {
  let element: Element | null = picture;
  for (let up = 0; element && up < DEPTH; up += 1, element = element.parentElement) {
    if (getComputedStyle(element).float !== 'none') return element;
  }
  return null;
}

function widthOf(float: Element): number {
  const { marginLeft, marginRight } = getComputedStyle(float);
  return float.getBoundingClientRect().width + parseFloat(marginLeft) + parseFloat(marginRight);
}
