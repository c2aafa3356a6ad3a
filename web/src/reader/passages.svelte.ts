import { asking, call, type Description, Problem } from '../api';
import type { Mark } from '../engine';

/** The passages of the chapter in sight that are worth a picture and have none, or none yet. */
export class Passages {
  readonly #book: string;
  readonly #ask = asking();
  #chapter = 0;
  all = $state.raw<readonly Description[]>([]);
  /** Counts how often pictures were asked for anew, for whoever shows one of them. */
  news = $state(0);

  constructor(book: string) {
    this.#book = book;
  }

  /** A chapter is on the page: its passages are fetched once. */
  enter(chapter: number): void {
    if (chapter === this.#chapter) return;
    this.#chapter = chapter;
    this.all = [];
    void this.load();
  }

  async load(): Promise<void> {
    const chapter = this.#chapter;
    const asked = this.#ask();
    try {
      const { items } = await call('get', '/api/v1/books/{book_id}/descriptions', { path: { book_id: this.#book }, query: { chapter } });
      if (chapter !== this.#chapter || !asked.news()) return;
      this.all = items.filter((one) => one.cfi !== null && !one.illustration?.image);
      this.news += 1;
    } catch (error) {
      // The text reads without them; the next chapter or event asks again.
      if (!(error instanceof Problem)) throw error;
    }
  }

  byId(id: string): Description | null {
    return this.all.find((one) => one.id === id) ?? null;
  }

  marks(chapter: number, label: (passage: Description) => string): readonly Mark[] {
    const own = this.all.filter((one) => one.chapter === chapter);
    return own.map((one) => ({ id: one.id, cfi: one.cfi ?? '', kind: 'passage', label: label(one), sign: signOf(one) }));
  }
}

export function signOf({ illustration }: Description): 'offer' | 'waiting' | 'failed' {
  if (!illustration) return 'offer';
  return illustration.status === 'pending' || illustration.status === 'generating' ? 'waiting' : 'failed';
}
