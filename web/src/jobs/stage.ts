import type { Book, Job } from '../api';

/** From here on a book counts as finished; the server's filter `finished` says the same. */
export const FINISHED_FROM = 0.995;

/** What a book is doing: `work` is the server's, with how far it is in percent; the rest is the reader's. */
export type Stage =
  | { name: 'failed'; code: string; message: string }
  | { name: 'parse'; percent: number }
  | { name: 'describe'; percent: number }
  | { name: 'illustrate'; percent: number; done: number; total: number }
  | { name: 'finished' }
  | { name: 'reading'; share: number; minutesLeft: number | null }
  | { name: 'unread'; minutes: number };

/** The one thing to say of a book, the most urgent first. Jobs are those of the book, in any order. */
export function stageOf(book: Book, jobs: readonly Job[]): Stage {
  if (book.parsing_error) return { name: 'failed', ...book.parsing_error };
  if (!book.is_parsed) return { name: 'parse', percent: Math.max(book.parsing_progress, progressOf(jobs, 'parse')) };
  return workOf(jobs) ?? readingOf(book);
}

/** The server's unfinished work on a parsed book; null when there is none. */
export function workOf(jobs: readonly Job[]): Stage | null {
  if (jobs.some((job) => job.kind === 'describe' && isActive(job))) return { name: 'describe', percent: progressOf(jobs, 'describe') };
  const drawn = jobs.filter((job) => job.kind === 'illustrate');
  const waiting = drawn.filter(isActive);
  if (waiting.length === 0) return null;
  const done = drawn.filter((job) => job.state === 'done').length;
  const total = done + waiting.length;
  return { name: 'illustrate', percent: (100 * done) / total, done, total };
}

export function isActive(job: Job): boolean {
  return job.state === 'queued' || job.state === 'running';
}

function readingOf(book: Book): Stage {
  const share = book.total_progression;
  if (share === null) return { name: 'unread', minutes: book.estimated_reading_time };
  return share >= FINISHED_FROM ? { name: 'finished' } : { name: 'reading', share, minutesLeft: book.minutes_left };
}

function progressOf(jobs: readonly Job[], kind: Job['kind']): number {
  return Math.max(0, ...jobs.filter((job) => job.kind === kind && isActive(job)).map((job) => job.progress));
}
