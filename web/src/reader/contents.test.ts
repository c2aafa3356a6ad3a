import { describe, expect, it } from 'vitest';
import type { ContentsEntry } from '../api';
import type { Section } from '../engine';
import { currentLine, linesOf, titleAt } from './contents';

const section = (number: number, title: string | null = null): Section =>
  ({ number, title, linear: true, href: `${number}.xhtml`, first_position: number * 10, positions: 10, characters: 10240 }) as Section;
const entry = (title: string, chapter: number | null, children: ContentsEntry[] = [], offset = 0): ContentsEntry => ({ title, chapter, href: `${chapter}.xhtml#s`, cfi: null, offset, children });
const sections = [1, 2, 3, 4].map((number) => section(number));

describe('the contents', () => {
  it('become lines with their depth and page; a part without a place begins with its first chapter', () => {
    const lines = linesOf([entry('Part', null, [entry('One', 2)])], sections, String);
    expect(lines.map((line) => [line.title, line.depth, line.page])).toEqual([['Part', 0, 20], ['One', 1, 20]]);
    expect(lines[1]?.fragment).toBe('s');
  });

  it('are the chapters where the book has none', () => {
    const lines = linesOf([], [section(1, 'Alpha'), section(2)], (n) => `Chapter ${n}`);
    expect(lines.map((line) => line.title)).toEqual(['Alpha', 'Chapter 2']);
  });

  it('know in which line a chapter lies that none names', () => {
    const lines = linesOf([entry('One', 1), entry('Three', 3)], sections, String);
    expect(titleAt(lines, { chapter: 2, offset: 0 })).toBe('One');
    expect(titleAt(lines, { chapter: 4, offset: 9 })).toBe('Three');
    expect(currentLine(lines, { chapter: 0, offset: 0 })).toBe(-1);
  });

  it('know in which line something stands of several in one chapter, and their pages', () => {
    const lines = linesOf([entry('Part', 2, [entry('One', 2, [], 7), entry('Two', 2, [], 3000)], 7), entry('Next', 3)], sections, String);
    expect(lines.map((line) => line.page)).toEqual([20, 20, 22, 30]);
    const title = (offset: number): string => titleAt(lines, { chapter: 2, offset });
    expect([0, 7, 2999, 3000, 9000].map(title)).toEqual(['Part', 'One', 'One', 'Two', 'Two']);
  });

  it('are in the first of several lines where nobody knows where they begin', () => {
    const lines = linesOf([entry('One', 2), entry('Two', 2)], sections, String);
    expect(titleAt(lines, { chapter: 2, offset: 500 })).toBe('One');
  });
});
