import { type Annotation, call, Problem, server } from '../api';
import { type Mark, type Tint, TINTS } from '../engine';
import { clock, uuid } from '../ui/device';
import { isRecord, keep, kept } from '../ui/kept';
import { areChanges, type Change, joined, verdictOn, withChange, withChanges, type Words } from './changes';
import { isUnreached } from './deliver';

/** A bookmark or highlight that the server has not got yet. */
type Draft = Pick<Annotation, 'kind' | 'chapter' | 'cfi' | 'quote' | 'colour' | 'note'> & { key: string; at: string };
export type NewMark = { kind: Annotation['kind']; chapter: number; cfi: string; quote: string; colour: Tint | null; note: string | null };

/** Under these and the book's id marks and changes of marks wait in the browser. */
export const DRAFTS = 'bookreader.marks.';
export const CHANGES = 'bookreader.changes.';
const isDraft = (id: string): boolean => id.startsWith('draft:');

export const tintOf = (colour: string | null): Tint => TINTS.find((tint) => tint === colour) ?? 'ochre';

/** The bookmarks and highlights of a book in its order. What the server does not take yet waits in the browser. */
export class Annotations {
  readonly #book: string;
  #stored = $state.raw<readonly Annotation[]>([]);
  #drafts = $state.raw<readonly Draft[]>([]);
  #changes = $state.raw<readonly Change[]>([]);
  readonly all = $derived([...withChanges(this.#stored, this.#changes), ...this.#drafts.map(shown)].sort(inOrder));
  #sending: Promise<void> = Promise.resolve();
  /** Whether the marks are as the server has them: only then it is known what becomes of changes. */
  #fresh = false;

  constructor(book: string) {
    this.#book = book;
    this.#drafts = kept(DRAFTS + book, areDrafts) ?? [];
    this.#changes = kept(CHANGES + book, areChanges) ?? [];
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
      // What was kept on this device says nothing of what other devices wrote.
      this.#fresh = !server.away;
      if (this.#fresh) await this.send();
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
  send(): Promise<void> {
    const send = (): Promise<void> => this.#sendAll();
    return (this.#sending = this.#sending.then(send, send));
  }

  /** Rejects with the server's problem, so that what was written is not taken for kept. */
  async change(id: string, change: { colour: Tint; note: string | null }): Promise<void> {
    if (isDraft(id)) this.#keep(this.#drafts.map((one) => (`draft:${one.key}` === id ? { ...one, ...change } : one)));
    else await this.#tellOrKeep(id, change);
  }

  async remove(id: string): Promise<void> {
    if (isDraft(id)) this.#keep(this.#drafts.filter((one) => `draft:${one.key}` !== id));
    else await this.#tellOrKeep(id, null);
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

  async #sendAll(): Promise<void> {
    const waiting = this.#drafts.length + this.#changes.length;
    try {
      for (const change of this.#fresh ? this.#changes : []) await this.#settle(change);
      for (const draft of this.#drafts) await this.#make(draft);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
    if (this.#drafts.length + this.#changes.length < waiting) this.#renew();
  }

  /** Rejects when the server does not answer. A draft it does not want stays in the browser, and the next visit tries again. */
  async #make(draft: Draft): Promise<void> {
    const { kind, chapter, cfi, quote, colour, note, key } = draft;
    try {
      const body = { kind, chapter, cfi: cfi ?? '', quote, colour, note, key };
      const made = await call('post', '/api/v1/books/{book_id}/annotations', { path: { book_id: this.#book }, body });
      this.#stored = [...this.#stored.filter((one) => one.id !== made.id), made];
      this.#keep(this.#drafts.filter((one) => one.key !== key));
    } catch (error) {
      if (!(error instanceof Problem) || error.status === 0 || error.status >= 500) throw error;
    }
  }

  async #settle(change: Change): Promise<void> {
    const { of } = change;
    const { kind, chapter, cfi, quote } = of;
    const verdict = verdictOn(change, this.#stored.find((one) => one.id === of.id));
    if (verdict.do === 'change') await this.#tell(of.id, verdict.to);
    else if (verdict.do === 'remove') await this.#tell(of.id, null);
    else if (verdict.do === 'make') this.#keep([...this.#drafts, { kind, chapter, cfi, quote, ...verdict.words, key: uuid(), at: clock() }]);
    this.#keepChanges(this.#changes.filter((one) => one.of.id !== of.id));
  }

  async #tellOrKeep(id: string, to: Words | null): Promise<void> {
    const of = this.#stored.find((one) => one.id === id);
    try {
      await this.#tell(id, to);
      this.#keepChanges(this.#changes.filter((one) => one.of.id !== id));
      this.#renew();
    } catch (error) {
      if (!of || !isUnreached(error)) throw error;
      this.#fresh = false;
      this.#keepChanges(withChange(this.#changes, { of, to }));
    }
  }

  /** Changes or removes a mark on the server. */
  async #tell(id: string, to: Words | null): Promise<void> {
    const path = { annotation_id: id };
    if (to) {
      const made = await call('patch', '/api/v1/annotations/{annotation_id}', { path, body: to });
      this.#stored = this.#stored.map((one) => (one.id === id ? made : one));
      return;
    }
    try {
      await call('delete', '/api/v1/annotations/{annotation_id}', { path });
    } catch (error) {
      if (!(error instanceof Problem && error.status === 404)) throw error;
    }
    this.#stored = this.#stored.filter((one) => one.id !== id);
  }

  /** Where the book is kept for reading offline, its marks are kept anew: the worker takes them from the answer. */
  #renew(): void {
    if (!globalThis.navigator?.serviceWorker?.controller) return;
    call('get', '/api/v1/books/{book_id}/annotations', { path: { book_id: this.#book }, query: { limit: 200 } }).catch(() => undefined);
  }

  #keep(drafts: readonly Draft[]): void {
    const stored = kept(DRAFTS + this.#book, areDrafts) ?? [];
    this.#drafts = joined(this.#drafts, drafts, stored, (one) => one.key);
    keep(DRAFTS + this.#book, this.#drafts.length > 0 ? this.#drafts : null);
  }

  #keepChanges(changes: readonly Change[]): void {
    const stored = kept(CHANGES + this.#book, areChanges) ?? [];
    this.#changes = joined(this.#changes, changes, stored, (one) => one.of.id);
    keep(CHANGES + this.#book, this.#changes.length > 0 ? this.#changes : null);
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
