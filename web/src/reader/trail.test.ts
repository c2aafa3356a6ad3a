import { describe, expect, it } from 'vitest';
import { jumped, noTrail, wentBack, wentForward } from './trail';

describe('the trail of jumps', () => {
  it('leads back and forward again', () => {
    const trail = jumped(jumped(noTrail, 1), 2);
    const back = wentBack(trail, 3);
    expect(back?.to).toBe(2);
    expect(wentForward(back?.trail ?? noTrail, 2)?.to).toBe(3);
  });

  it('ends at its beginning, and a new jump forgets what lay ahead', () => {
    expect(wentBack(noTrail, 1)).toBeNull();
    const back = wentBack(jumped(noTrail, 1), 2);
    expect(jumped(back?.trail ?? noTrail, 5).forward).toEqual([]);
  });
});
