/** Buttons that a mouse presses take no keyboard from the text: the space bar turns its page and does not press them again. */
export function leavesKeyboard(bar: HTMLElement): () => void {
  const keep = (event: MouseEvent): void => void ((event.target as Element).closest('button') && event.preventDefault());
  bar.addEventListener('mousedown', keep);
  return () => bar.removeEventListener('mousedown', keep);
}
