import type { Image } from './types';

/** CSS pixels below which a picture is an ornament or a letter, which nobody wants to see larger. */
const LEAST = 60;
const PICTURES = 'img, image';

/** The picture of the book that an element is; null for ornaments and everything else. */
export function imageOf(element: Element | null): Image | null {
  if (!element?.matches(PICTURES)) return null;
  const { width, height } = element.getBoundingClientRect();
  if (width < LEAST || height < LEAST) return null;
  const address = element.localName === 'img' ? (element as HTMLImageElement).currentSrc : addressIn(element);
  return address ? { address, alt: element.getAttribute('alt') ?? '' } : null;
}

/** The first picture that is in sight. */
export function firstImage(doc: Document, inSight: (box: DOMRect) => boolean): Image | null {
  for (const element of doc.querySelectorAll(PICTURES)) {
    const found = inSight(element.getBoundingClientRect()) ? imageOf(element) : null;
    if (found) return found;
  }
  return null;
}

/** An image within a drawing names its file as links do. */
function addressIn(element: Element): string {
  const href = element.getAttribute('href') ?? element.getAttributeNS('http://www.w3.org/1999/xlink', 'href');
  return href ? new URL(href, element.baseURI).href : '';
}
