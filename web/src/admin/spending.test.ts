import { describe, expect, it } from 'vitest';
import type { Spending } from '../api';
import { daysOf, payees, total } from './spending';

const spending: Spending = {
  today: '2026-03-02',
  days: 4,
  items: [
    { day: '2026-02-28', service: 'pollinations', spent: '0.0100', reserved: '0', pictures: 1 },
    { day: '2026-02-28', service: 'openai_dalle', spent: '0.0700', reserved: '0', pictures: 1 },
    { day: '2026-03-02', service: 'pollinations', spent: '0.0200', reserved: '0.0400', pictures: 6 },
  ],
};

describe('spending', () => {
  it('has a column for every day up to today', () => {
    expect(daysOf(spending, null).map((each) => each.day)).toEqual(['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02']);
    expect(daysOf(spending, null).map((each) => Math.round(each.spent * 100))).toEqual([0, 8, 0, 2]);
    expect(daysOf(spending, 'openai_dalle').map((each) => Math.round(each.spent * 100))).toEqual([0, 7, 0, 0]);
  });

  it('sums by service, the dearest first', () => {
    expect(payees(spending)).toEqual(['openai_dalle', 'pollinations']);
    expect(total(spending, 'pictures', 'pollinations')).toBe(7);
    expect(total(spending, 'reserved')).toBeCloseTo(0.04);
  });
});
