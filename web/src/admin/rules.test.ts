import { describe, expect, it } from 'vitest';
import type { PictureRules } from '../api';
import { amount, moved, priced, switched } from './rules';

const rules = { order: [], disabled: ['midjourney'], fall_back: false, prices: { openai_dalle: '0.07' }, budgets: { picture: '0.5', site_day: '5' } } as PictureRules;

describe('moved', () => {
  it('moves a service by one place, and no further than the ends', () => {
    expect(moved(['plate', 'pollinations', 'midjourney'], 'midjourney', -1)).toEqual(['plate', 'midjourney', 'pollinations']);
    expect(moved(['plate', 'pollinations'], 'plate', -1)).toEqual(['plate', 'pollinations']);
    expect(moved(['plate', 'pollinations'], 'plate', 1)).toEqual(['pollinations', 'plate']);
  });
});

describe('switched', () => {
  it('switches off once and on again', () => {
    expect(switched(rules, 'midjourney', false).disabled).toEqual(['midjourney']);
    expect(switched(rules, 'midjourney', true).disabled).toEqual([]);
  });
});

describe('priced', () => {
  it('keeps a price, and takes the estimate again', () => {
    expect(priced(rules, 'pollinations', '0.01').prices).toEqual({ openai_dalle: '0.07', pollinations: '0.01' });
    expect(priced(rules, 'openai_dalle', null).prices).toEqual({});
  });
});

describe('amount', () => {
  it.each([['0,07', '0.07'], [' 5 ', '5'], ['', null], ['-1', undefined], ['much', undefined], ['0.00001', undefined]])('reads %j as %j', (typed, found) => {
    expect(amount(typed)).toBe(found);
  });
});
