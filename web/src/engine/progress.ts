import type { Locator, Publication, Section } from './types';

/** Characters of one position, the "page" that people see; the server counts the same. */
const POSITION = 1024;

/** How far into the book a place in a chapter is, 0-1. Chapters that page turning skips count for nothing. */
export function totalOf(book: Publication, chapter: number, fraction: number): number {
  const whole = sum(book, book.sections);
  if (whole === 0) return 0;
  const before = sum(book, book.sections.filter((section) => section.number < chapter));
  const own = book.sections.find((section) => section.number === chapter);
  return Math.min(1, (before + (own ? fraction * weight(book, own) : 0)) / whole);
}

/** The place that lies at a share (0-1) of the book. */
export function placeAt(book: Publication, total: number): Locator {
  const linear = book.sections.filter((section) => section.linear);
  let rest = Math.min(1, Math.max(0, total)) * sum(book, linear);
  for (const section of linear) {
    const own = weight(book, section);
    if (rest < own) return { chapter: section.number, fraction: rest / own };
    rest -= own;
  }
  return { chapter: linear.at(-1)?.number ?? 1, fraction: 1 };
}

/** The position, from 1, of a place in a chapter. */
export function pageOf(section: Section, fraction: number): number {
  const within = Math.floor((fraction * section.characters) / POSITION);
  return section.first_position + Math.min(within, Math.max(section.positions - 1, 0));
}

/** The position, from 1, of a character of a chapter. */
export function pageAt(section: Section, offset: number): number {
  return pageOf(section, section.characters === 0 ? 0 : offset / section.characters);
}

/** Where a position begins. */
export function placeOfPage(book: Publication, page: number): Locator {
  const wanted = Math.min(Math.max(1, page), book.positions);
  const section = book.sections.findLast((each) => each.linear && each.first_position <= wanted);
  if (!section) return { chapter: 1, fraction: 0 };
  const start = (wanted - section.first_position) * POSITION;
  return { chapter: section.number, fraction: section.characters === 0 ? 0 : Math.min(1, start / section.characters) };
}

/** The next chapter that page turning comes to, `step` 1 or -1; null at an end of the book. */
export function neighbour(book: Publication, chapter: number, step: 1 | -1): Section | null {
  const others = book.sections.filter((section) => section.linear && Math.sign(section.number - chapter) === step);
  return (step === 1 ? others[0] : others.at(-1)) ?? null;
}

// A book of pictures alone has no characters: there every position weighs the same.
function weight(book: Publication, section: Section): number {
  if (!section.linear) return 0;
  return book.sections.some((each) => each.linear && each.characters > 0) ? section.characters : section.positions;
}

function sum(book: Publication, sections: readonly Section[]): number {
  return sections.reduce((total, section) => total + weight(book, section), 0);
}
