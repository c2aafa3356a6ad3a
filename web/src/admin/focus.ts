/** Takes the focus when it appears in place of what had it. */
export function focused(node: HTMLElement): void {
  node.focus({ preventScroll: true });
}

/** Gives the focus back to what had it before the list was put in another order; to its neighbour when it is at an end. */
export function refocus(before: Element | null): void {
  if (!(before instanceof HTMLButtonElement) || !before.isConnected) return;
  const target = before.disabled ? before.parentElement?.querySelector<HTMLElement>('.icon-button:not(:disabled)') : before;
  target?.focus({ preventScroll: true });
}
