import { describe, expect, it } from 'vitest';
import { quoted } from './quoted';

describe('quotation marks', () => {
  it('are those of the book’s language', () => {
    expect(quoted(' Буран! ', 'ru-RU')).toBe('«Буран!»');
    expect(quoted('Land ho!', 'en')).toBe('“Land ho!”');
  });
});
