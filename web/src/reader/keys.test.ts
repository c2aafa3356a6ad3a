import { describe, expect, it } from 'vitest';
import { actionOf } from './keys';

const page = { rtl: false, scrolled: false };

describe('keys', () => {
  it('turn pages in the direction of the book', () => {
    expect(actionOf({ key: 'ArrowRight', shiftKey: false }, page)).toBe('next');
    expect(actionOf({ key: 'ArrowRight', shiftKey: false }, { ...page, rtl: true })).toBe('previous');
    expect(actionOf({ key: ' ', shiftKey: true }, page)).toBe('previous');
  });

  it('move by lines where the text scrolls', () => {
    expect(actionOf({ key: 'ArrowDown', shiftKey: false }, { ...page, scrolled: true })).toBe('down');
  });

  it('are the same on a Russian keyboard', () => {
    expect(actionOf({ key: 'с', shiftKey: false }, page)).toBe('contents');
    expect(actionOf({ key: 'Е', shiftKey: true }, page)).toBe('type');
  });

  it('leave everything else alone', () => {
    expect(actionOf({ key: 'F5', shiftKey: false }, page)).toBeNull();
  });
});
