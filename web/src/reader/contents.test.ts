import { describe, expect, it } from 'vitest';
import type { ContentsEntry } from '../api';
import type { Section } from '../engine';
import { currentLine, linesOf, titleAt } from './contents';

const section = (number: number, title: string | null = null): Section =>
  ({ number, title, linear: true, href: `${number}.xhtml`, first_position: number * 10 }) as Section;
const entry = (title: string, chapter: number | null, children: ContentsEntry[] = []): ContentsEntry => ({ title, chapter, href: `${chapter}.xhtml#s`, cfi: null, children });
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
    expect(titleAt(lines, 2)).toBe('One');
    expect(titleAt(lines, 4)).toBe('Three');
    expect(currentLine(lines, 0)).toBe(-1);
  });
});
