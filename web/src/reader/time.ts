import { call, Problem } from '../api';
import { clock, deviceName, uuid } from '../ui/device';
import { isRecord, keep, kept } from '../ui/kept';
import { isRefusal } from './deliver';

/** Silence after which nobody is reading any more, and how often a sign of life is sent. Milliseconds. */
const IDLE = 180_000;
const BEAT = 30_000;
export const SESSIONS = 'bookreader.sessions';
/** Sessions kept for a server that does not answer, and for how long it would take them. */
const MOST = 500;
const OLDEST = 60 * 86_400_000;

/** `ended`: nobody goes on with it. One that falls silent without having ended was left by a page that broke off. */
type Session = { book: string; key: string; started_at: string; active_at: string; ended?: boolean };

/** The time of reading a book: begun by reading, kept alive while something moves, ended by leaving or falling silent. */
export class ReadingTime {
  readonly #book: string;
  #session: Session | null = null;
  #id: string | null = null;
  #told = '';
  #closed = false;
  #clock: ReturnType<typeof setInterval> | undefined;

  constructor(book: string) {
    this.#book = book;
  }

  /** Something moved: a page, a key, a finger. */
  active(): void {
    const now = clock();
    if (this.#session) this.#session.active_at = now;
    else if (!this.#closed) this.#begin(now);
  }

  /** Ends the session where it was last alive. */
  end(keepalive: boolean): void {
    const session = this.#session;
    const id = this.#id;
    clearInterval(this.#clock);
    this.#session = this.#id = null;
    if (!session) return;
    remember({ ...session, ended: true });
    if (id === null) return;
    const body = signOf(session);
    call('post', '/api/v1/sessions/{session_id}/end', { path: { session_id: id }, body, keepalive }).then(() => forget(session), ignoreProblem);
  }

  /** The book is left for good: what still comes of the page is no reading. */
  close(): void {
    this.end(true);
    this.#closed = true;
  }

  /** Tells what the server could not hear, as when it answers again. */
  hurry(): void {
    if (this.#session) this.#beat();
    else sendRemembered().catch(ignoreProblem);
  }

  #begin(now: string): void {
    const session = { book: this.#book, key: uuid(), started_at: now, active_at: now };
    this.#session = session;
    this.#told = now;
    this.#clock = setInterval(() => this.#beat(), BEAT);
    remember(session);
    void this.#open(session);
  }

  async #open(session: Session): Promise<void> {
    try {
      await sendRemembered();
      const id = await start(session);
      if (this.#session === session) this.#id = id;
      // The book was left before the server had answered: the end is told now.
      else await sendRemembered();
    } catch (error) {
      ignoreProblem(error);
    }
  }

  #beat(): void {
    const session = this.#session;
    if (!session) return;
    remember(session);
    if (Date.now() - Date.parse(session.active_at) > IDLE) {
      this.end(false);
    } else if (this.#id === null) {
      void this.#open(session);
    } else if (session.active_at !== this.#told) {
      const told = session.active_at;
      call('patch', '/api/v1/sessions/{session_id}', { path: { session_id: this.#id }, body: signOf(session) }).then(() => (this.#told = told), ignoreProblem);
    }
  }
}

async function start({ book, key, started_at }: Session): Promise<string> {
  const body = { device: deviceName(), key, started_at, sent_at: clock() };
  return (await call('post', '/api/v1/books/{book_id}/sessions', { path: { book_id: book }, body })).id;
}

/** A sign of life, with the time of sending, so that a clock that is wrong does no harm. */
function signOf({ active_at }: Session): { active_at: string; sent_at: string } {
  return { active_at, sent_at: clock() };
}

function remember(session: Session): void {
  keep(SESSIONS, [...remembered().filter((each) => each.key !== session.key), session].slice(-MOST));
}

function forget(session: Session): void {
  const rest = remembered().filter((each) => each.key !== session.key);
  keep(SESSIONS, rest.length > 0 ? rest : null);
}

const remembered = (): readonly Session[] => kept(SESSIONS, areSessions) ?? [];

/** Tells the server of sessions that it could not hear of when they were. One that is still alive tells of itself. */
export async function sendRemembered(): Promise<void> {
  for (const session of remembered()) {
    const silence = Date.now() - Date.parse(session.active_at);
    if (!session.ended && silence < IDLE) continue;
    try {
      const id = await start(session);
      await call('post', '/api/v1/sessions/{session_id}/end', { path: { session_id: id }, body: signOf(session) });
      forget(session);
    } catch (error) {
      if (isRefusal(error) || silence > OLDEST) forget(session);
      else if (!(error instanceof Problem && error.status === 404)) throw error;
    }
  }
}

function areSessions(value: unknown): value is Session[] {
  return Array.isArray(value) && value.every((each) => isRecord(each) && typeof each.key === 'string' && typeof each.started_at === 'string');
}

/** Reading goes on without a server; what it was not told of waits in the browser. */
function ignoreProblem(error: unknown): void {
  if (!(error instanceof Problem)) throw error;
}
