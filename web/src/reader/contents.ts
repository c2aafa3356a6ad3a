import type { ContentsEntry } from '../api';
import type { Section } from '../engine';

/** A line of the contents. `depth` from 0; `page` where it begins. */
export type Line = { title: string; chapter: number; fragment: string; cfi: string | null; depth: number; page: number };

/** The contents as lines; a book without any gets one line for each chapter. */
export function linesOf(toc: readonly ContentsEntry[], sections: readonly Section[], nameOf: (number: number) => string): readonly Line[] {
  const pages = new Map(sections.map((section) => [section.number, section.first_position]));
  const lines = flat(toc, 0, pages);
  if (lines.length > 0) return lines;
  return sections
    .filter((section) => section.linear)
    .map(({ number, title, first_position }) => ({ title: title ?? nameOf(number), chapter: number, fragment: '', cfi: null, depth: 0, page: first_position }));
}

function flat(entries: readonly ContentsEntry[], depth: number, pages: ReadonlyMap<number, number>): Line[] {
  return entries.flatMap((entry) => {
    const inner = flat(entry.children ?? [], depth + 1, pages);
    const chapter = entry.chapter ?? inner[0]?.chapter;
    if (chapter === undefined) return inner;
    const fragment = entry.href?.split('#')[1] ?? '';
    return [{ title: entry.title, chapter, fragment, cfi: entry.cfi, depth, page: pages.get(chapter) ?? 1 }, ...inner];
  });
}

/** The index of the line in which a chapter is being read: the last one that begins in it or before it. */
export function currentLine(lines: readonly Line[], chapter: number): number {
  const exact = lines.findIndex((line) => line.chapter === chapter);
  return exact >= 0 ? exact : lines.findLastIndex((line) => line.chapter < chapter);
}

/** The name of the chapter that is being read, as the contents have it. */
export function titleAt(lines: readonly Line[], chapter: number): string {
  return lines[currentLine(lines, chapter)]?.title ?? '';
}
