import type { Chapter, ContentsEntry } from '../api';

/** A line of the contents: where it leads, and how many minutes it takes when it opens a chapter. */
export type Line = { title: string; chapter: number; cfi: string | null; opens: boolean };
export type Part = { title: string; chapter: number; lines: readonly Line[] };

/** The contents in parts: entries that have entries of their own are parts, all others stand in one without a title. */
export function outline(toc: readonly ContentsEntry[], chapters: readonly Chapter[], nameOf: (number: number) => string): readonly Part[] {
  const seen = new Set<number>();
  const parts: { title: string; chapter: number; lines: Line[] }[] = [];
  const open = (title: string, chapter: number): void => void parts.push({ title, chapter, lines: [] });
  const add = (title: string, chapter: number, cfi: string | null): void => {
    if (parts.length === 0) open('', chapter);
    parts.at(-1)?.lines.push({ title, chapter, cfi, opens: !seen.has(chapter) });
    seen.add(chapter);
  };
  for (const entry of toc) {
    const inside = leaves(entry.children ?? []);
    if (inside.length === 0) {
      if (parts.at(-1)?.title) open('', entry.chapter ?? 1);
      if (entry.chapter !== null) add(entry.title, entry.chapter, entry.cfi);
    } else {
      open(entry.title, entry.chapter ?? inside[0]?.chapter ?? 1);
      for (const leaf of inside) if (leaf.chapter !== null) add(leaf.title, leaf.chapter, leaf.cfi);
    }
  }
  if (seen.size === 0) {
    for (const { title, chapter } of listed(chapters, nameOf)) add(title, chapter.number, chapter.cfi);
  }
  return parts.filter((part) => part.lines.length > 0);
}

/** The chapters of a book without contents: one without a title is called by its number as it is read. */
export function listed<T extends Pick<Chapter, 'title' | 'linear'>>(chapters: readonly T[], nameOf: (number: number) => string): readonly { title: string; chapter: T }[] {
  return chapters.filter((chapter) => chapter.linear).map((chapter, index) => ({ title: chapter.title || nameOf(index + 1), chapter }));
}

function leaves(entries: readonly ContentsEntry[]): readonly ContentsEntry[] {
  return entries.flatMap((entry) => [entry, ...leaves(entry.children ?? [])]);
}

/** The first `count` lines, parts kept; what is left out is a number. */
export function firstLines(parts: readonly Part[], count: number): { parts: readonly Part[]; rest: number } {
  const total = parts.reduce((sum, part) => sum + part.lines.length, 0);
  if (total <= count + 3) return { parts, rest: 0 };
  const kept: Part[] = [];
  let room = count;
  for (const part of parts) {
    if (room <= 0) break;
    kept.push({ ...part, lines: part.lines.slice(0, room) });
    room -= part.lines.length;
  }
  return { parts: kept, rest: total - count };
}

/** The share of a chapter that is read, 0-1, from a page of the book. */
export function shareOfChapter(chapter: Chapter, page: number): number {
  return Math.min(1, Math.max(0, (page - chapter.first_position) / Math.max(1, chapter.positions)));
}

/** Minutes that a chapter takes, as its share of the book's words. */
export function minutesOf(chapter: Chapter, chapters: readonly Chapter[], whole: number): number {
  const words = chapters.reduce((sum, each) => sum + (each.linear ? each.words : 0), 0);
  return words === 0 ? 0 : (whole * chapter.words) / words;
}

/** The address of a place in the reader. */
export function placeAddress(book: string, place: { chapter: number; cfi: string | null }): string {
  const query = new URLSearchParams({ chapter: String(place.chapter) });
  if (place.cfi?.startsWith('epubcfi(')) query.set('cfi', place.cfi);
  return `/read/${book}?${query}`;
}
