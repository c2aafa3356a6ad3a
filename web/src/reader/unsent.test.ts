import { describe, expect, it } from 'vitest';
import { type Report, withReport } from './unsent';

const report = (n: number, jump = false): Report => ({ chapter: n, cfi: '', quote: null, device: 'd', client_time: '', key: String(n), jump });
const many = (count: number, jumps: readonly number[]): readonly Report[] =>
  Array.from({ length: count }, (_, n) => report(n, jumps.includes(n))).reduce<readonly Report[]>(withReport, []);

describe('places that wait for the server', () => {
  it('all stay while they are few', () => {
    expect(many(100, []).length).toBe(100);
  });

  it('keep the first, the last and every jump when they are many', () => {
    const kept = many(600, [40, 400]).map((each) => each.chapter);
    expect(kept).toContain(0);
    expect(kept).toContain(599);
    expect(kept).toContain(40);
    expect(kept).toContain(400);
    expect(kept.length).toBeLessThanOrEqual(200);
  });

  it('keep the place that a jump left', () => {
    expect(many(600, [400]).map((each) => each.chapter)).toContain(399);
  });
});
