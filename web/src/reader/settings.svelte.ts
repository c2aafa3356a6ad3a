import { isRecord, keep, kept } from '../ui/kept';
import { fitting, type Settings, usual } from './settings';

const KEY = 'bookreader.type';

/** The type settings of this device for a book: the device's own, and over them what was chosen for this book alone. */
export class TypeSettings {
  readonly #key: string;
  #device = $state.raw<Partial<Settings>>({});
  #own = $state.raw<Partial<Settings> | null>(null);
  readonly #usual: Settings;

  constructor(book: string, phone: boolean) {
    this.#key = `${KEY}.${book}`;
    this.#usual = usual(phone);
    this.#device = fitting(kept(KEY, isRecord));
    const own = kept(this.#key, isRecord);
    this.#own = own && fitting(own);
  }

  get now(): Settings {
    return { ...this.#usual, ...this.#device, ...this.#own };
  }

  /** Whether this book has settings of its own. */
  get ofBook(): boolean {
    return this.#own !== null;
  }

  set ofBook(on: boolean) {
    this.#own = on ? this.now : null;
    keep(this.#key, this.#own);
  }

  change(change: Partial<Settings>): void {
    if (this.#own) {
      this.#own = { ...this.#own, ...change };
      keep(this.#key, this.#own);
    } else {
      this.#device = { ...this.#device, ...change };
      keep(KEY, this.#device);
    }
  }
}
