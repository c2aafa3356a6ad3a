import { describe, expect, it } from 'vitest';
import type { Chapter, ContentsEntry } from '../api';
import { namingOf, numberIn } from './naming';

const entry = (title: string, chapter: number | null, children: ContentsEntry[] = []): ContentsEntry => ({ title, chapter, href: null, cfi: null, offset: 0, children });
const file = (number: number, title: string | null = null, linear = true): Chapter => ({ number, title, linear }) as Chapter;
const files = Array.from({ length: 12 }, (_, index) => file(index + 1));
const nameOf = (n: number): string => `Chapter ${n}`;

/** As Treasure Island has it: 40 files, of which XXIX is the 36th or so. */
const ISLAND = [
  entry('Titlepage', 1),
  entry('Treasure Island', 2, [
    entry('Part I: The Old Buccaneer', 3, [entry('I: At the Admiral Benbow', 4), entry('II: Black Dog Appears and Disappears', 5)]),
    entry('Part II: The Sea-Cook', 7, [entry('III: I Go to Bristol', 8)]),
  ]),
  entry('Colophon', 10),
];
/** As War and Peace has it: every part begins to count anew. */
const WAR = [
  entry('Book I', 1, [entry('Part I: 1805', 2, [entry('I', 3), entry('II', 4)])]),
  entry('Book II', 5, [entry('Part I: 1806', 6, [entry('I', 7)]), entry('Part I: 1805', 8, [entry('I', 9)])]),
];

describe('what people call a chapter', () => {
  it('is its title and its number in the contents, never the number of its file', () => {
    const { title, number, count } = namingOf(ISLAND, files, nameOf);
    expect([4, 5, 8].map((n) => [title(n), number(n)])).toEqual([
      ['I: At the Admiral Benbow', 'I'],
      ['II: Black Dog Appears and Disappears', 'II'],
      ['III: I Go to Bristol', 'III'],
    ]);
    expect([1, 2, 3, 10].map(number)).toEqual([null, null, null, null]);
    expect(count).toBe(3);
  });

  it('is that of the chapter before for a file that the contents leave out', () => {
    const { title, number } = namingOf(ISLAND, files, nameOf);
    expect([title(6), number(6)]).toEqual(['II: Black Dog Appears and Disappears', 'II']);
  });

  it('is no number where two chapters have it, and a title with the part', () => {
    const { title, number, count } = namingOf(WAR, files, nameOf);
    expect([3, 4, 7, 9].map(title)).toEqual(['Book I, Part I: 1805, I', 'II', 'Part I: 1806, I', 'Book II, Part I: 1805, I']);
    expect([3, 4, 7, 9].map(number)).toEqual([null, 'II', null, null]);
    expect(count).toBe(4);
  });

  it('is no number where a file has several chapters, and the chapter where a part begins in its file', () => {
    expect(namingOf([entry('1. One', 1), entry('2. Two', 1), entry('3. Three', 2)], files, nameOf).number(1)).toBeNull();
    const joined = namingOf([entry('Part I', 1, [entry('1. One', 1)])], files, nameOf);
    expect([joined.title(1), joined.number(1)]).toEqual(['1. One', '1']);
  });

  it('is counted as listed where the book has no contents', () => {
    const { title, number, count } = namingOf([], [file(1, 'Notes', false), file(2, 'Alpha'), file(3)], nameOf);
    expect([2, 3].map((n) => [title(n), number(n)])).toEqual([['Alpha', '1'], ['Chapter 2', '2']]);
    expect(count).toBe(2);
    expect(namingOf([entry('One', 2)], files, nameOf).title(1)).toBe('');
    expect(title(1)).toBe('Notes');
  });

  it('is no number without figures in the contents, and then files are counted', () => {
    const { title, number, count } = namingOf([entry('Preface', 1), entry('The Storm', 2)], files, nameOf);
    expect([title(2), number(2), count]).toEqual(['The Storm', null, 12]);
  });
});

describe('the number in a title', () => {
  it.each([
    ['XXIX: The Black Spot Again', 'XXIX'],
    ['12. The Storm', '12'],
    ['IV', 'IV'],
    ['7 – Bristol', '7'],
    ['Chapter 3', '3'],
    ['CHAPTER XL. A Storm', 'XL'],
    ['Глава 5. Буря', '5'],
    ['ГЛАВА XII', 'XII'],
  ])('%s', (title, number) => {
    expect(numberIn(title)).toBe(number);
  });

  it.each(['I Go to Bristol', 'I, Claudius', 'Part I: The Old Buccaneer', 'Часть первая', 'Book II', 'Глава первая', 'Chapter One', '1984', '1805: a year', 'MIX: a record', '20,000 Leagues', 'X-Ray', '', 'Colophon'])(
    'is none in %s',
    (title) => {
      expect(numberIn(title)).toBeNull();
    },
  );
});
