import type { Chapter, ContentsEntry } from '../api';
import { listed } from './outline';

/** What people call the chapters. The number of a chapter counts the files of a book, its title page and parts included: nobody who reads has seen it. */
export type Naming = {
  /** As the contents have it, with the part it is in where other entries have the same title; '' when it has none. */
  title: (chapter: number) => string;
  /** As the contents number it, such as XXIX; null where they do not, or where two chapters have the number. It gives nothing away. */
  number: (chapter: number) => string | null;
  /** How many chapters there are. */
  count: number;
};

/** A chapter as the book's page has it, or a section as the reader has it. */
type Numbered = Pick<Chapter, 'number' | 'title' | 'linear'>;
type Named = { chapter: number; path: readonly string[]; number: string | null };

const ROMAN = /^(?=[IVXLCDM])C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})$/;
const AFTER_WORD = /^(?:chapter|глава)\s+(?:№\s*)?([\p{L}\d]+)/iu;
const BARE = /^([\p{L}\d]+)(?:[.:)]?$|[.:)]\s|\s?[–—-]\s)/u;

export function namingOf(toc: readonly ContentsEntry[], chapters: readonly Numbered[], nameOf: (number: number) => string): Naming {
  const entries = named(toc, []);
  if (entries.length === 0) entries.push(...unlisted(chapters, nameOf));
  const numbered = entries.filter((entry) => entry.number !== null);
  const linear = chapters.filter((chapter) => chapter.linear);
  return {
    title: (chapter) => titleOf(entryOf(entries, chapter), entries) || (chapters.find(({ number }) => number === chapter)?.title ?? ''),
    number: (chapter) => numberOf(numbered, entryOf(entries, chapter)),
    count: numbered.length > 1 ? numbered.length : linear.length,
  };
}

/** A number of Roman or Arabic figures at the beginning of a title; that of a part, or the "I" of "I Go to Bristol", is none. */
export function numberIn(title: string): string | null {
  const figures = (AFTER_WORD.exec(title.trim()) ?? BARE.exec(title.trim()))?.[1] ?? '';
  return ROMAN.test(figures) || /^\d{1,3}$/.test(figures) ? figures : null;
}

function named(entries: readonly ContentsEntry[], above: readonly string[]): Named[] {
  return entries.flatMap((entry) => {
    const path = [...above, entry.title];
    const inner = named(entry.children ?? [], path);
    const chapter = entry.chapter ?? inner[0]?.chapter;
    return chapter === undefined ? inner : [{ chapter, path, number: numberIn(entry.title) }, ...inner];
  });
}

/** A book without contents is shown as a list of its chapters, which are counted as they stand there. */
function unlisted(chapters: readonly Numbered[], nameOf: (number: number) => string): Named[] {
  return listed(chapters, nameOf).map(({ title, chapter }, index) => ({ chapter: chapter.number, path: [title], number: String(index + 1) }));
}

/** The entry in which a chapter lies: of those that lead to it the first with a number, else the last one before it. */
function entryOf(entries: readonly Named[], chapter: number): Named | undefined {
  const exact = entries.filter((entry) => entry.chapter === chapter);
  return exact.find((entry) => entry.number !== null) ?? exact[0] ?? entries.findLast((entry) => entry.chapter < chapter);
}

function titleOf(entry: Named | undefined, entries: readonly Named[]): string {
  if (!entry) return '';
  for (let from = entry.path.length - 1; from > 0; from -= 1) {
    const title = entry.path.slice(from).join(', ');
    if (entries.filter((other) => other.path.slice(from - entry.path.length).join(', ') === title).length === 1) return title;
  }
  return entry.path.join(', ');
}

/** Several chapters in one file: who knows only the file does not know which is meant. */
function numberOf(numbered: readonly Named[], entry: Named | undefined): string | null {
  if (!entry || entry.number === null) return null;
  const others = numbered.filter((other) => other !== entry && (other.number === entry.number || other.chapter === entry.chapter));
  return others.length === 0 ? entry.number : null;
}
