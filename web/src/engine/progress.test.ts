import { describe, expect, it } from 'vitest';
import { neighbour, pageOf, placeAt, placeOfPage, totalOf } from './progress';
import type { Publication, Section } from './types';

const section = (number: number, characters: number, first: number, linear = true): Section => ({
  number,
  href: `${number}.xhtml`,
  title: null,
  linear,
  size: characters,
  cfi: `/6/${2 * number}`,
  spread: null,
  viewport: null,
  first_position: first,
  positions: Math.max(1, Math.ceil(characters / 1024)),
  characters,
});
const book = (sections: Section[]): Publication => ({ base: '/b/', dir: 'ltr', language: 'en', layout: 'reflowable', spread: null, viewport: null, positions: 9, sections });
const novel = book([section(1, 0, 1), section(2, 4096, 2), section(3, 500, 6, false), section(4, 4096, 6)]);

describe('progress through a book', () => {
  it('counts characters, and nothing for chapters that turning skips', () => {
    expect(totalOf(novel, 2, 0.5)).toBeCloseTo(0.25);
    expect(totalOf(novel, 3, 0.9)).toBeCloseTo(0.5);
    expect(totalOf(novel, 4, 1)).toBe(1);
  });

  it('finds the place at a share of the book, back and forth', () => {
    for (const total of [0, 0.1, 0.5, 0.77, 1]) {
      const { chapter, fraction } = placeAt(novel, total);
      expect(totalOf(novel, chapter, fraction ?? 0)).toBeCloseTo(total);
    }
  });

  it('counts positions where a book has no text', () => {
    const comic = book([section(1, 0, 1), section(2, 0, 2), section(3, 0, 3), section(4, 0, 4)]);
    expect(totalOf(comic, 3, 0)).toBeCloseTo(0.5);
    expect(placeAt(comic, 0.5).chapter).toBe(3);
  });

  it('numbers pages as the server does', () => {
    expect(pageOf(novel.sections[1] as Section, 0)).toBe(2);
    expect(pageOf(novel.sections[1] as Section, 0.26)).toBe(3);
    expect(pageOf(novel.sections[1] as Section, 1)).toBe(5);
    expect(placeOfPage(novel, 4)).toMatchObject({ chapter: 2, fraction: 0.5 });
    expect(placeOfPage(novel, 99).chapter).toBe(4);
  });

  it('knows the neighbours that turning comes to', () => {
    expect(neighbour(novel, 2, 1)?.number).toBe(4);
    expect(neighbour(novel, 4, -1)?.number).toBe(2);
    expect(neighbour(novel, 4, 1)).toBeNull();
  });
});
