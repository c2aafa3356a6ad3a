import { type Annotation, call, Problem } from '../api';
import { type Mark, type Tint, TINTS } from '../engine';
import { clock, uuid } from '../ui/device';
import { isRecord, keep, kept } from '../ui/kept';

/** A bookmark or highlight that the server has not got yet. */
type Draft = Pick<Annotation, 'kind' | 'chapter' | 'cfi' | 'quote' | 'colour' | 'note'> & { key: string; at: string };
export type NewMark = { kind: Annotation['kind']; chapter: number; cfi: string; quote: string; colour: Tint | null; note: string | null };

const draftKey = (book: string): string => `bookreader.marks.${book}`;
const isDraft = (id: string): boolean => id.startsWith('draft:');

export const tintOf = (colour: string | null): Tint => TINTS.find((tint) => tint === colour) ?? 'ochre';

/** The bookmarks and highlights of a book in its order. What the server does not take yet waits in the browser. */
export class Annotations {
  readonly #book: string;
  #stored = $state.raw<readonly Annotation[]>([]);
  #drafts = $state.raw<readonly Draft[]>([]);
  readonly all = $derived([...this.#stored, ...this.#drafts.map(shown)].sort(inOrder));

  constructor(book: string) {
    this.#book = book;
    this.#drafts = kept(draftKey(book), areDrafts) ?? [];
  }

  async load(): Promise<void> {
    const found: Annotation[] = [];
    let cursor: string | undefined;
    try {
      do {
        const page = await call('get', '/api/v1/books/{book_id}/annotations', { path: { book_id: this.#book }, query: { cursor, limit: 200 } });
        found.push(...page.items);
        cursor = page.next ?? undefined;
      } while (cursor);
      this.#stored = found;
      await this.send();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }

  /** Keeps a mark at once, and tells the server. */
  async add(mark: NewMark): Promise<void> {
    this.#keep([...this.#drafts, { ...mark, key: uuid(), at: clock() }]);
    await this.send();
  }

  /** Tells the server what waits. */
  async send(): Promise<void> {
    for (const draft of this.#drafts) {
      const { kind, chapter, cfi, quote, colour, note, key } = draft;
      try {
        const body = { kind, chapter, cfi: cfi ?? '', quote, colour, note, key };
        const made = await call('post', '/api/v1/books/{book_id}/annotations', { path: { book_id: this.#book }, body });
        this.#stored = [...this.#stored.filter((one) => one.id !== made.id), made];
        this.#keep(this.#drafts.filter((one) => one.key !== draft.key));
      } catch (error) {
        // It stays in the browser, whatever the reason; the next visit tries again.
        if (!(error instanceof Problem)) throw error;
        if (error.status === 0 || error.status >= 500) return;
      }
    }
  }

  /** Rejects with the server's problem, so that what was written is not taken for kept. */
  async change(id: string, change: { colour: Tint; note: string | null }): Promise<void> {
    if (isDraft(id)) {
      this.#keep(this.#drafts.map((one) => (`draft:${one.key}` === id ? { ...one, ...change } : one)));
      return;
    }
    const made = await call('patch', '/api/v1/annotations/{annotation_id}', { path: { annotation_id: id }, body: change });
    this.#stored = this.#stored.map((one) => (one.id === id ? made : one));
  }

  async remove(id: string): Promise<void> {
    if (isDraft(id)) this.#keep(this.#drafts.filter((one) => `draft:${one.key}` !== id));
    else await this.#forget(id);
  }

  byId(id: string): Annotation | null {
    return this.all.find((one) => one.id === id) ?? null;
  }

  /** What is drawn in a chapter. */
  marks(chapter: number): readonly Mark[] {
    return this.all.flatMap((one): Mark[] => {
      if (one.chapter !== chapter || one.cfi === null) return [];
      const base = { id: one.id, cfi: one.cfi };
      return [one.kind === 'bookmark' ? { ...base, kind: 'bookmark' } : { ...base, kind: 'highlight', tint: tintOf(one.colour) }];
    });
  }

  async #forget(id: string): Promise<void> {
    try {
      await call('delete', '/api/v1/annotations/{annotation_id}', { path: { annotation_id: id } });
    } catch (error) {
      if (!(error instanceof Problem && error.status === 404)) throw error;
    }
    this.#stored = this.#stored.filter((one) => one.id !== id);
  }

  #keep(drafts: readonly Draft[]): void {
    this.#drafts = drafts;
    keep(draftKey(this.#book), drafts.length > 0 ? drafts : null);
  }
}

function shown({ key, at, ...draft }: Draft): Annotation {
  return { ...draft, id: `draft:${key}`, book_id: '', start: 0, end: 0, repaired: null, created_at: at, updated_at: at };
}

function inOrder(a: Annotation, b: Annotation): number {
  return a.chapter - b.chapter || a.start - b.start || a.created_at.localeCompare(b.created_at);
}

function areDrafts(value: unknown): value is Draft[] {
  return Array.isArray(value) && value.every((each) => isRecord(each) && typeof each.key === 'string' && typeof each.chapter === 'number');
}
