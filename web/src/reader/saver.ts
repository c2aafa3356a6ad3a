import { call, Problem, type Progress } from '../api';
import type { Place } from '../engine';
import { clock, deviceName, uuid } from '../ui/device';
import { keep, kept } from '../ui/kept';
import { areReports, BATCH, isPlace, type Report, withReport } from './unsent';

/** A place is sent this long after the last move, but never later than LATEST after the first one. Milliseconds. */
const CALM = 700;
const LATEST = 1800;
const [FIRST_RETRY, LAST_RETRY] = [3000, 60_000];

const unsentKey = (book: string): string => `bookreader.unsent.${book}`;
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
    this.#unsent = kept(unsentKey(book), areReports) ?? [];
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

  close(): void {
    this.flush();
    clearTimeout(this.#timer);
  }

  #reportOf(place: Place, jump: boolean): Report {
    const { chapter, cfi, quote } = place;
    return { chapter, cfi, quote: quote || null, device: deviceName(), client_time: clock(), key: uuid(), jump };
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
      const progress = await this.#deliver(reports, leaving);
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

  async #deliver(reports: readonly Report[], keepalive: boolean): Promise<Progress | null> {
    if (reports.length === 1) return this.#deliverOne(reports[0] as Report, keepalive);
    try {
      return await call('post', '/api/v1/books/{book_id}/places', { path: { book_id: this.#book }, body: reports.map(sentNow), keepalive });
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
    // One of them is not to the server's liking: the others must not be lost with it.
    let progress: Progress | null = null;
    for (const report of reports) progress = (await this.#deliverOne(report, keepalive)) ?? progress;
    return progress;
  }

  async #deliverOne(report: Report, keepalive: boolean): Promise<Progress | null> {
    try {
      return await call('put', '/api/v1/books/{book_id}/progress', { path: { book_id: this.#book }, body: sentNow(report), keepalive });
    } catch (error) {
      if (isRefusal(error)) return null;
      throw error;
    }
  }

  #delivered(reports: readonly Report[]): void {
    const keys = new Set(reports.map((report) => report.key));
    this.#unsent = this.#unsent.filter((report) => !keys.has(report.key));
    this.#keep();
  }

  #keep(): void {
    keep(unsentKey(this.#book), this.#unsent.length > 0 ? this.#unsent : null);
  }
}

/** With the time of sending, so that a clock that is wrong does no harm. */
const sentNow = (report: Report): Report & { sent_at: string } => ({ ...report, sent_at: clock() });

/** Whether the server will never take this, however often it is asked. */
function isRefusal(error: unknown): boolean {
  return error instanceof Problem && [400, 404, 409, 422].includes(error.status);
}
