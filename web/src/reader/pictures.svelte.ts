import { untrack } from 'svelte';
import { asking, call, type Illustration, Problem } from '../api';
import { compareCfi, type Figure, type Mark, type Place } from '../engine';
import { isRecord, keep, kept } from '../ui/kept';
import { isUncovered } from '../ui/look.svelte';

const NONE = 'bookreader.unpictured.';

/** The pictures of a book in its order, and which of them may be seen. */
export class Pictures {
  readonly #book: string;
  all = $state.raw<readonly Illustration[]>([]);
  #place = $state.raw<Place | null>(null);
  /** Passages that were in sight: whoever has read a passage may see its picture. */
  #seen = $state.raw<readonly string[]>([]);

  /**
   * Whether room is kept for pictures beside the text. As long as nobody knows, what was so at the last visit; once pages
   * were turned it stays as it is, because the page would be cut anew under the reader's eyes.
   */
  room = $state(false);
  #fixed = false;
  readonly #ask = asking();

  constructor(book: string) {
    this.#book = book;
    this.room = kept(NONE + book, isRecord) === null;
  }

  /** Pages are being turned: from now on the page keeps its cut. */
  settle(): void {
    this.#fixed = true;
  }

  async load(): Promise<void> {
    const asked = this.#ask();
    const found: Illustration[] = [];
    let cursor: string | undefined;
    try {
      do {
        const page = await call('get', '/api/v1/books/{book_id}/illustrations', { path: { book_id: this.#book }, query: { cursor, limit: 200 } });
        found.push(...page.items.filter((one) => one.image !== null && one.cfi !== null));
        cursor = page.next ?? undefined;
      } while (cursor);
      if (!asked.news()) return;
      this.all = found;
      if (!this.#fixed) this.room = found.length > 0;
      keep(NONE + this.#book, found.length > 0 ? null : {});
    } catch (error) {
      // The text reads without its pictures; the next event of the server asks again.
      if (!(error instanceof Problem)) throw error;
    }
  }

  readTo(place: Place): void {
    const before = this.#place;
    if (!before || place.total > before.total) this.#place = place;
  }

  saw(ids: Iterable<string>): void {
    // Told from within effects, which must not run again for it.
    const seen = untrack(() => this.#seen);
    const unseen = [...ids].filter((id) => !seen.includes(id));
    if (unseen.length > 0) this.#seen = [...seen, ...unseen];
  }

  byId(id: string): Illustration | null {
    return this.all.find((one) => one.id === id) ?? null;
  }

  /** Whether a picture may be shown: its passage was read, or everything is uncovered by choice. */
  isOpen(picture: Illustration): boolean {
    if (!picture.beyond || this.#seen.includes(picture.id) || isUncovered(this.#book)) return true;
    const place = this.#place;
    if (!place || picture.chapter > place.chapter) return false;
    return picture.chapter < place.chapter || (picture.cfi !== null && compareCfi(picture.cfi, place.cfi) <= 0);
  }

  /** The pictures of a chapter in its text. Nobody sees one before its passage, since it stands below it. */
  figures(chapter: number): readonly Figure[] {
    return this.all.flatMap(({ chapter: own, cfi, image, width, height, alt }) =>
      own === chapter && cfi && image ? [{ cfi, address: image, width: width ?? 1200, height: height ?? 800, alt: alt ?? '' }] : [],
    );
  }

  /** The marks of a chapter's passages. */
  marks(chapter: number, label: (picture: Illustration) => string): readonly Mark[] {
    const own = this.all.filter((one) => one.chapter === chapter);
    return own.map((one) => ({ id: one.id, cfi: one.cfi ?? '', kind: 'picture', label: label(one) }));
  }
}
