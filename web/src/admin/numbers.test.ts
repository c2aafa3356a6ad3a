import { describe, expect, it } from 'vitest';
import { money, price, roof, span } from './numbers';

describe('roof', () => {
  it.each([[0, 1], [0.03, 0.05], [1, 1], [7, 10], [14, 20], [50, 50], [51, 100]])('holds %d under %d', (value, end) => {
    expect(roof(value)).toBeCloseTo(end);
  });
});

describe('span', () => {
  it.each([[0, '0 s'], [0.3, 'less than 1 s'], [4, '4 s'], [840, '14 min'], [9000, '2 h 30 min'], [16 * 86_400, '16 days']])('says %d seconds as %s', (seconds, words) => {
    expect(span(seconds)).toBe(words);
  });
});

describe('money', () => {
  it('keeps what a cheap picture costs', () => {
    expect(price('0.0630')).toMatch(/0\.063$/);
    expect(money('0.0007')).toMatch(/0\.0007$/);
    expect(money('12.033')).toMatch(/12\.03$/);
    expect(money(5)).toMatch(/5\.00$/);
  });
});
