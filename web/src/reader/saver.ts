import { Problem, type Progress } from '../api';
import type { Place } from '../engine';
import { clock, deviceName, uuid } from '../ui/device';
import { keep, kept } from '../ui/kept';
import { deliver } from './deliver';
import { areReports, BATCH, isPlace, merged, type Report, UNSENT, withReport } from './unsent';

/** A place is sent this long after the last move, but never later than LATEST after the first one. Milliseconds. */
const CALM = 700;
const LATEST = 1800;
const [FIRST_RETRY, LAST_RETRY] = [3000, 60_000];

const ownKey = (book: string): string => `bookreader.place.${book}`;

/** Where this device was last in a book, also when the server never heard of it. */
export const ownPlace = (book: string): Place | null => kept(ownKey(book), isPlace);

/** Sends the places of a book to the server. What does not arrive stays in the browser and is sent later. */
export class Saver {
  readonly #book: string;
  readonly #answered: (progress: Progress) => void;
  readonly #stuck: (unsent: boolean) => void;
  #unsent: readonly Report[];
  #pending: Report | null = null;
  #since = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retry = FIRST_RETRY;
  #sending = false;

  constructor(book: string, answered: (progress: Progress) => void, stuck: (unsent: boolean) => void) {
    this.#book = book;
    this.#answered = answered;
    this.#stuck = stuck;
    this.#unsent = kept(UNSENT + book, areReports) ?? [];
    if (this.#unsent.length > 0) this.#plan(0);
  }

  /** How many places wait for the server. */
  get waiting(): number {
    return this.#unsent.length;
  }

  moved(place: Place, jump: boolean): void {
    keep(ownKey(this.#book), place);
    // A jump is kept for itself: the place before it must not be replaced by it.
    if (jump && this.#pending) this.#settle();
    this.#pending = this.#reportOf(place, jump || (this.#pending?.jump ?? false));
    this.#since ||= Date.now();
    this.#plan(Math.max(0, Math.min(CALM, this.#since + LATEST - Date.now())));
  }

  /** Sends at once, as when the page is hidden: then the browser may never come back to this script. */
  flush(): void {
    this.#settle();
    if (this.#unsent.length > 0) void this.#send(true);
  }

  /** Sends now, as when the server answers again. */
  hurry(): void {
    this.#retry = FIRST_RETRY;
    this.#plan(0);
  }

  close(): void {
    this.flush();
    clearTimeout(this.#timer);
  }

  #reportOf(place: Place, jump: boolean): Report {
    const { chapter, cfi, quote } = place;
    // Whoever only looks at the end has not read the book.
    return { chapter, cfi, quote: quote || null, device: deviceName(), client_time: clock(), key: uuid(), jump, end: place.end && !jump };
  }

  #settle(): void {
    if (!this.#pending) return;
    this.#unsent = withReport(this.#unsent, this.#pending);
    this.#pending = null;
    this.#since = 0;
    this.#keep();
  }

  #plan(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#settle();
      void this.#send(false);
    }, milliseconds);
  }

  async #send(leaving: boolean): Promise<void> {
    const reports = this.#unsent.slice(0, BATCH);
    if (reports.length === 0 || (this.#sending && !leaving)) return;
    this.#sending = true;
    try {
      const progress = await deliver(this.#book, reports, leaving);
      this.#delivered(reports);
      if (progress) this.#answered(progress);
      this.#retry = FIRST_RETRY;
      this.#stuck(false);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#stuck(true);
      this.#plan(this.#retry);
      this.#retry = Math.min(LAST_RETRY, this.#retry * 2);
    } finally {
      this.#sending = false;
    }
    if (this.#unsent.length > 0 && this.#retry === FIRST_RETRY) this.#plan(0);
  }

  #delivered(reports: readonly Report[]): void {
    this.#keep(new Set(reports.map((report) => report.key)));
  }

  #keep(delivered: ReadonlySet<string> = new Set()): void {
    this.#unsent = merged(this.#unsent, kept(UNSENT + this.#book, areReports) ?? [], delivered);
    keep(UNSENT + this.#book, this.#unsent.length > 0 ? this.#unsent : null);
  }
}
