/**
 * Marks an element that has no room in its column, with the room and the type in which that was found. Only as the book has it can
 * it be measured, so that it is measured again only when one of these has changed. `size` of its letters and `room` in px.
 */
export function markMisfit(element: Element, attribute: string, isMisfit: (room: number, size: number) => boolean): void {
  const room = roomOf(element);
  const size = parseFloat(getComputedStyle(element).fontSize);
  const found = `${room} ${size}`;
  if (element.getAttribute(attribute) === found) return;
  element.removeAttribute(attribute);
  if (isMisfit(room, size)) element.setAttribute(attribute, found);
}

/** Px of the column of text that something stands in: an element within a line has no width. */
function roomOf(element: Element): number {
  let around = element.parentElement;
  while (around?.parentElement && around.clientWidth === 0) around = around.parentElement;
  return around?.clientWidth ?? Infinity;
}
