import type { Box } from './types';

/** What of a chapter's frame stands on the page: between `from` and `to`, px along its pages, which follow each other downwards when `vertical`. */
export type Sight = { doc: Document; page: DOMRect; frame: DOMRect; from: number; to: number; vertical: boolean };

/** `size`: px that a page takes of its frame; null when the frame is the page. */
export function sightOf(doc: Document, host: HTMLElement, size: number | null, vertical: boolean): Sight | null {
  const frame = doc.defaultView?.frameElement?.getBoundingClientRect();
  if (!frame) return null;
  const page = host.getBoundingClientRect();
  if (size === null) return { doc, page, frame, from: 0, to: Infinity, vertical };
  // The page proper lies in the middle of its element; what is cut off beside it are its neighbours.
  const [start, room] = vertical ? [page.top - frame.top, page.height] : [page.left - frame.left, page.width];
  const from = start + (room - size) / 2 + 1;
  return { doc, page, frame, from, to: from + size - 2, vertical };
}

export function isInSight({ from, to, vertical }: Sight, box: Box): boolean {
  return vertical ? box.bottom > from && box.top < to : box.right > from && box.left < to;
}
