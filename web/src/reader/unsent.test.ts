import { describe, expect, it } from 'vitest';
import { merged, type Report, withReport } from './unsent';

const time = (seconds: number): string => new Date(1e12 + seconds * 1000).toISOString();
const report = (n: number, jump = false, seconds = n): Report => ({ chapter: n, cfi: '', quote: null, device: 'd', client_time: time(seconds), key: String(n), jump, end: false });
const many = (count: number, jumps: readonly number[], pause = 0): readonly Report[] =>
  Array.from({ length: count }, (_, n) => report(n, jumps.includes(n), n + (n > 700 ? pause : 0))).reduce<readonly Report[]>(withReport, []);
const chapters = (reports: readonly Report[]): readonly number[] => reports.map((each) => each.chapter);

describe('places that wait for the server', () => {
  it('all stay while they are few', () => {
    expect(many(900, []).length).toBe(900);
  });

  it('keep the first, the last and every jump when they are many', () => {
    const kept = chapters(many(2600, [40, 400]));
    expect(kept).toEqual(expect.arrayContaining([0, 39, 40, 399, 400, 2599]));
    expect(kept.length).toBeLessThanOrEqual(1000);
  });

  it('keep where reading paused and where it went on, so that its time is counted', () => {
    expect(chapters(many(1500, [], 3600))).toEqual(expect.arrayContaining([700, 701]));
  });
});

describe('two pages of one browser', () => {
  it('lose nothing of each other', () => {
    const [one, two, three] = [report(1), report(2), report(3)];
    expect(merged([one, three], [two], new Set())).toEqual([one, two, three]);
    expect(merged([one, three], [one, two], new Set(['1']))).toEqual([two, three]);
  });
});
