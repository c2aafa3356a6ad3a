import { describe, expect, it } from 'vitest';
import type { Annotation } from '../api';
import { asJson, asMarkdown } from './export';

const mark = (chapter: number, more: Partial<Annotation>): Annotation => ({
  id: '1', book_id: 'b', kind: 'highlight', chapter, cfi: 'epubcfi(/6/4!/4/2/1:0)', quote: 'A line.', start: 0, end: 7, colour: 'moss', note: null, repaired: null, created_at: 't', updated_at: 't', ...more,
});
const exported = { title: 'Book', authors: ['Ada', 'Bea'], marks: [mark(1, { note: ' Mine ' }), mark(1, { kind: 'bookmark', quote: 'Here' }), mark(3, { quote: 'One.\n\nTwo.' })] };

describe('marks as a file', () => {
  it('are quotations by chapter, with their notes', () => {
    const text = asMarkdown(exported, (n) => `Chapter ${n}`);
    expect(text).toBe('# Book\n\nAda, Bea\n\n## Chapter 1\n\n> A line.\n\nMine\n\n- Here\n\n## Chapter 3\n\n> One.\n>\n> Two.\n');
  });

  it('are complete for programs', () => {
    const read = JSON.parse(asJson(exported)) as { annotations: Record<string, unknown>[] };
    expect(read.annotations[0]).toEqual({ kind: 'highlight', chapter: 1, cfi: 'epubcfi(/6/4!/4/2/1:0)', quote: 'A line.', colour: 'moss', note: ' Mine ', created_at: 't' });
  });
});
