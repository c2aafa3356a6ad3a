import type { ContentsEntry } from '../api';
import type { Section } from '../engine';
import { pageAt } from '../engine/progress';

/** A line of the contents. `depth` from 0; `offset` in characters of its chapter; `page` where it begins. */
export type Line = { title: string; chapter: number; offset: number; fragment: string; cfi: string | null; depth: number; page: number };
/** A spot in the book: a chapter, and characters of it. */
export type Spot = { chapter: number; offset: number };

export function spotOf({ chapter, fraction }: { chapter: number; fraction?: number }, sections: readonly Section[]): Spot {
  const characters = sections.find((section) => section.number === chapter)?.characters ?? 0;
  return { chapter, offset: Math.round((fraction ?? 0) * characters) };
}

/** The contents as lines; a book without any gets one line for each chapter. */
export function linesOf(toc: readonly ContentsEntry[], sections: readonly Section[], nameOf: (number: number) => string): readonly Line[] {
  const lines = flat(toc, 0, new Map(sections.map((section) => [section.number, section])));
  if (lines.length > 0) return lines;
  return sections
    .filter((section) => section.linear)
    .map(({ number, title, first_position }, index) => ({ title: title ?? nameOf(index + 1), chapter: number, offset: 0, fragment: '', cfi: null, depth: 0, page: first_position }));
}

function flat(entries: readonly ContentsEntry[], depth: number, sections: ReadonlyMap<number, Section>): Line[] {
  return entries.flatMap((entry) => {
    const inner = flat(entry.children ?? [], depth + 1, sections);
    const chapter = entry.chapter ?? inner[0]?.chapter;
    if (chapter === undefined) return inner;
    const offset = (entry.chapter === null ? inner[0]?.offset : entry.offset) ?? 0;
    const section = sections.get(chapter);
    const page = section ? pageAt(section, offset) : 1;
    return [{ title: entry.title, chapter, offset, fragment: entry.href?.split('#')[1] ?? '', cfi: entry.cfi, depth, page }, ...inner];
  });
}

/** The index of the line in which something stands: the last one that begins there or before it. */
export function currentLine(lines: readonly Line[], { chapter, offset }: Spot): number {
  const first = lines.findIndex((line) => line.chapter === chapter);
  if (first < 0) return lines.findLastIndex((line) => line.chapter < chapter);
  return lines.reduce((best, line, index) => (line.chapter === chapter && line.offset <= offset && isLater(line, lines[best]) ? index : best), first);
}

/** A line that begins at the same place is within the other when it stands deeper. */
function isLater(line: Line, than: Line | undefined): boolean {
  return than === undefined || line.offset > than.offset || (line.offset === than.offset && line.depth > than.depth);
}

/** The name of the chapter that something stands in, as the contents have it. */
export function titleAt(lines: readonly Line[], spot: Spot): string {
  return lines[currentLine(lines, spot)]?.title ?? '';
}
