import { describe, expect, it } from 'vitest';
import type { Annotation } from '../api';
import { type Change, joined, verdictOn, withChange, withChanges } from './changes';

const mark = (more: Partial<Annotation> = {}): Annotation => ({
  id: 'm1', book_id: 'b', kind: 'highlight', chapter: 1, cfi: 'x', quote: 'q', start: 0, end: 1, colour: 'moss', note: 'first', repaired: null, created_at: '', updated_at: '', ...more,
});
const wrote = (note: string | null, colour = 'moss'): Change => ({ of: mark(), to: { colour, note } });

describe('a mark changed while the server did not answer', () => {
  it('is shown as it was changed', () => {
    expect(withChanges([mark(), mark({ id: 'm2' })], [wrote('mine')]).map((one) => one.note)).toEqual(['mine', 'first']);
    expect(withChanges([mark()], [{ of: mark(), to: null }])).toEqual([]);
  });

  it('is compared with what it was before all changes', () => {
    expect(withChange([wrote('mine')], { of: mark({ note: 'mine' }), to: { colour: 'rust', note: 'mine, again' } })).toEqual([wrote('mine, again', 'rust')]);
  });

  it('takes the new words', () => {
    expect(verdictOn(wrote('mine'), mark())).toEqual({ do: 'change', to: { colour: 'moss', note: 'mine' } });
    expect(verdictOn(wrote(null), mark())).toEqual({ do: 'change', to: { colour: 'moss', note: null } });
  });

  it('keeps what another device wrote meanwhile', () => {
    expect(verdictOn(wrote('mine'), mark({ note: 'theirs' }))).toEqual({ do: 'change', to: { colour: 'moss', note: 'theirs\n\nmine' } });
    expect(verdictOn(wrote('first', 'rust'), mark({ note: 'theirs' }))).toEqual({ do: 'change', to: { colour: 'rust', note: 'theirs' } });
    expect(verdictOn(wrote('mine'), mark({ note: 'mine' }))).toEqual({ do: 'change', to: { colour: 'moss', note: 'mine' } });
    expect(verdictOn({ of: mark(), to: null }, mark({ note: 'theirs' }))).toEqual({ do: 'leave' });
  });

  it('is made anew when another device removed it and there were words in it', () => {
    expect(verdictOn(wrote('mine'), undefined)).toEqual({ do: 'make', words: { colour: 'moss', note: 'mine' } });
    expect(verdictOn(wrote('first', 'rust'), undefined)).toEqual({ do: 'leave' });
    expect(verdictOn({ of: mark(), to: null }, undefined)).toEqual({ do: 'leave' });
  });

  it('is removed', () => {
    expect(verdictOn({ of: mark(), to: null }, mark())).toEqual({ do: 'remove' });
  });
});

describe('two pages of one browser', () => {
  it('lose nothing of each other, and take away what is done', () => {
    const name = (one: string): string => one;
    expect(joined(['a'], ['a', 'b'], ['a', 'c'], name)).toEqual(['c', 'a', 'b']);
    expect(joined(['a', 'b'], ['b'], ['a', 'b'], name)).toEqual(['b']);
  });
});
