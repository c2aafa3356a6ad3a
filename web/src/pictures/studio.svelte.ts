import { type ArtDirection, call, type PictureService, type PictureServices } from '../api';
import { keepText, keptText } from '../ui/kept';
import { explain } from '../ui/problems';
import { PLATE } from './services';

const LAST = 'bookreader.service';

/** Who may draw for this person, what is left, and the manner of a book: what every order needs to know. */
export class Studio {
  readonly #book: string;
  services = $state.raw<PictureServices | null>(null);
  direction = $state.raw<ArtDirection | null>(null);
  failure = $state('');
  service = $state(PLATE);
  /** The style that was chosen; null is as the book has it. */
  style = $state<string | null>(null);

  constructor(book: string, service?: string, style?: string | null) {
    this.#book = book;
    this.service = service ?? (keptText(LAST) || PLATE);
    this.style = style ?? null;
    void this.load();
  }

  /** The service that is chosen and can be used now. */
  readonly chosen = $derived<PictureService | null>(this.services?.services.find((one) => one.service === this.service) ?? null);
  /** The style that shows: a chosen one, or the book's. */
  readonly shownStyle = $derived(this.style ?? this.direction?.preset ?? '');
  readonly offline = $derived(this.service === PLATE);
  readonly exhausted = $derived(this.chosen?.counts === true && this.services?.pictures_left === 0);

  async load(): Promise<void> {
    try {
      const [services, direction] = await Promise.all([
        call('get', '/api/v1/picture-services'),
        call('get', '/api/v1/books/{book_id}/art-direction', { path: { book_id: this.#book } }),
      ]);
      this.services = services;
      this.direct(direction);
      this.failure = '';
      const usable = services.services.some((one) => one.service === this.service && one.trouble === null);
      if (!usable) this.service = PLATE;
    } catch (error) {
      this.failure = explain(error);
    }
  }

  /** The book's manner; a style that says the same as it is no choice of its own. */
  direct(direction: ArtDirection): void {
    this.direction = direction;
    if (this.style === direction.preset && !direction.medium) this.style = null;
  }

  choose(service: string): void {
    this.service = service;
    keepText(LAST, service);
  }

  wear(style: string): void {
    this.style = style === this.direction?.preset ? null : style;
  }
}
