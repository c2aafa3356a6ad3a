import { describe, expect, it } from 'vitest';
import type { Place as ServerPlace, Progress } from '../api';
import { startOf } from './start';

const there: ServerPlace = { id: '', chapter: 5, cfi: 'epubcfi(/6/10!/4/2/1:0)', quote: 'There', page: 40, total_progression: 0.4, device: 'Phone', at: '', read_at: '' };
const own = { chapter: 3, cfi: 'epubcfi(/6/6!/4/2/1:0)', quote: 'Here', fraction: 0, total: 0.2, page: 20, end: false };
const progress: Progress = { current: there, furthest: there, offer: null };
const known = { asked: new URLSearchParams(), own: null, waiting: false, old: false, progress, first: 1 };

describe('where a book opens', () => {
  it('is the place that the address asks for', () => {
    const asked = new URLSearchParams({ chapter: '7', cfi: 'epubcfi(/6/14!/4)' });
    expect(startOf({ ...known, asked })).toMatchObject({ to: { chapter: 7, cfi: 'epubcfi(/6/14!/4)' }, jumped: true });
    expect(startOf({ ...known, asked: new URLSearchParams({ chapter: '0' }) }).to.chapter).toBe(5);
  });

  it('is the current place, also on a device that never had the book', () => {
    expect(startOf(known)).toMatchObject({ to: { chapter: 5, quote: 'There' }, fresh: false });
  });

  it('is this device’s own place when another one has moved on: that is offered, not taken', () => {
    const offer = { ...there, relation: 'ahead' as const, age: 60 };
    expect(startOf({ ...known, own, progress: { ...progress, offer } }).to).toBe(own);
  });

  it('is this device’s own place when the server does not answer, or has not heard of it yet', () => {
    expect(startOf({ ...known, own, progress: null }).to).toBe(own);
    expect(startOf({ ...known, own, waiting: true }).to).toBe(own);
    expect(startOf({ ...known, own, old: true }).to).toBe(own);
    expect(startOf({ ...known, old: true }).to.chapter).toBe(5);
  });

  it('is the beginning of a book that nobody opened', () => {
    expect(startOf({ ...known, progress: null, first: 2 })).toMatchObject({ to: { chapter: 2 }, fresh: true });
  });
});
