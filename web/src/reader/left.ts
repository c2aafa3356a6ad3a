import type { Place, Section } from '../engine';

/** Minutes of reading left in the chapter, as its share of what the whole book takes. */
export function minutesLeft(place: Place, sections: readonly (Section & { words: number })[], whole: number): number {
  const words = sections.reduce((sum, section) => sum + (section.linear ? section.words : 0), 0);
  const own = sections.find((section) => section.number === place.chapter)?.words ?? 0;
  return words === 0 ? 0 : (whole * own * (1 - place.fraction)) / words;
}
