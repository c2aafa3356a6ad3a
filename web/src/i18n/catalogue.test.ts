import { describe, expect, it } from 'vitest';
import { fill, written } from './catalogue';
import { LOCALES } from './locale.svelte';

describe.each(LOCALES)('numbers in %s', (language) => {
  it.each([0, 7, 999, 1000, 1001, 12_345, 999_999, 1_000_000, 9_007_199_254_740_991, -1, -1234, 0.5, 1234.5])('writes %d as the language does', (value) => {
    expect(written(value, language)).toBe(new Intl.NumberFormat(language).format(value));
  });
});

describe('a message', () => {
  const pages = { one: '{n} page', few: '{n} pages (few)', other: '{n} pages' };

  it('takes the form of its number, in each language its own', () => {
    expect(fill(pages, { n: 1 }, 'en')).toBe('1 page');
    expect(fill(pages, { n: 3 }, 'en')).toBe('3 pages');
    expect(fill(pages, { n: 3 }, 'ru')).toBe('3 pages (few)');
    expect(fill(pages, { n: 1021 }, 'ru')).toBe('1\u00a0021 page');
  });

  it('leaves a name without a value as it is', () => {
    expect(fill('{who} and {whom}', { who: 'Anna' }, 'en')).toBe('Anna and {whom}');
  });
});
