import { describe, expect, it } from 'vitest';
import { bleedOf, layoutOf } from './layout';
import { usual } from './settings';

const wide = usual(false);

describe('how a page is cut', () => {
  it('has two columns where both hold enough words', () => {
    expect(layoutOf(1080, 800, wide).columns).toBe(2);
    expect(layoutOf(1080, 800, { ...wide, size: 34 }).columns).toBe(1);
    expect(layoutOf(820, 1080, wide).columns).toBe(1);
    expect(layoutOf(390, 750, usual(true)).columns).toBe(1);
  });

  it('obeys the reader’s choice of columns, but a scroll has one', () => {
    expect(layoutOf(820, 1080, { ...wide, columns: 'two' }).columns).toBe(2);
    expect(layoutOf(1400, 800, { ...wide, columns: 'one' }).columns).toBe(1);
    expect(layoutOf(1400, 800, { ...wide, columns: 'two', flow: 'scrolled' }).columns).toBe(1);
  });

  it('keeps lines readable, however wide the window', () => {
    expect(layoutOf(2400, 1200, { ...wide, columns: 'one' }).measure).toBeLessThan(40 * wide.size);
  });

  it('has wider margins for who wants them, also where two columns fill the page', () => {
    for (const width of [820, 1100, 1400]) {
      const sides = (['narrow', 'normal', 'wide'] as const).map((margins) => layoutOf(width, 750, { ...wide, margins }).side);
      expect(sides).toEqual([...new Set(sides)].sort((a, b) => a - b));
    }
  });

  it('gives signs beside the text their room, outside the page where margins are narrow', () => {
    const phone = usual(true);
    expect(bleedOf(390, phone)).toBeGreaterThan(0);
    expect(bleedOf(1400, phone)).toBe(0);
    const visible = layoutOf(390 + 2 * bleedOf(390, phone), 750, phone).side - bleedOf(390, phone);
    expect(visible).toBe(24);
  });
});
