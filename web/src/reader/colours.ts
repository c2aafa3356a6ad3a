import type { Colours } from '../engine';

/** The colours of the page for the chapters' frames, into which the app's own values do not reach. */
export function coloursOf(root: HTMLElement): Colours {
  const style = getComputedStyle(root);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  const dark = style.colorScheme === 'dark';
  const light = of('--paper') === LIGHT_PAPER;
  return { paper: of('--paper'), ink: of('--ink'), quiet: of('--edge'), accent: of('--accent'), selection: of('--accent-soft'), dark, strict: dark || !light };
}

// Colours that a book's maker chose were chosen for white paper; our light paper is near enough.
const LIGHT_PAPER = '#f7f3ea';
