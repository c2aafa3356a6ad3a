import { describe, expect, it } from 'vitest';
import { fitting, LEADINGS, SIZES, step, usual } from './settings';

describe('type settings', () => {
  it('step through their list and stop at its ends', () => {
    expect(step(SIZES, 19, 1)).toBe(20);
    expect(step(SIZES, 23, -1)).toBe(22);
    expect(step(SIZES, 38, 1)).toBe(38);
    expect(step(LEADINGS, 1.2, -1)).toBe(1.2);
  });

  it('lose only what does not fit when a kept record is old or broken', () => {
    expect(fitting({ face: 'comic', size: 22, leading: 9, justify: true, flow: 'scrolled' })).toEqual({ size: 22, justify: true, flow: 'scrolled' });
    expect(fitting('nothing')).toEqual({});
  });

  it('are a little smaller on a phone', () => {
    expect(usual(true).size).toBeLessThan(usual(false).size);
  });
});
