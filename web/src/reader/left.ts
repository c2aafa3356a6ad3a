import type { Place, Section } from '../engine';

/** Minutes of reading left, at the person's own pace. */
export type Left = { chapter: number; book: number };

/** What is left in the chapter and in the book, as their share of the minutes that the whole book takes. */
export function minutesLeft(place: Place, sections: readonly (Section & { words: number })[], whole: number): Left {
  const words = sections.reduce((sum, section) => sum + (section.linear ? section.words : 0), 0);
  const own = sections.find((section) => section.number === place.chapter)?.words ?? 0;
  const chapter = words === 0 ? 0 : (whole * own * (1 - place.fraction)) / words;
  return { chapter, book: Math.max(chapter, whole * (1 - place.total)) };
}
