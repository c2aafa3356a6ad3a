import { call, Problem, type Progress } from '../api';
import { clock } from '../ui/device';
import type { Report } from './unsent';

/** Tells the server places of one book. Those it will never take are passed over. Rejects when it does not answer. */
export async function deliver(book: string, reports: readonly Report[], keepalive = false): Promise<Progress | null> {
  if (reports.length === 1) return deliverOne(book, reports[0] as Report, keepalive);
  try {
    return await call('post', '/api/v1/books/{book_id}/places', { path: { book_id: book }, body: reports.map(sentNow), keepalive });
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  // One of them is not to the server's liking: the others must not be lost with it.
  let progress: Progress | null = null;
  for (const report of reports) progress = (await deliverOne(book, report, keepalive)) ?? progress;
  return progress;
}

async function deliverOne(book: string, report: Report, keepalive: boolean): Promise<Progress | null> {
  try {
    return await call('put', '/api/v1/books/{book_id}/progress', { path: { book_id: book }, body: sentNow(report), keepalive });
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

/** With the time of sending, so that a clock that is wrong does no harm. */
const sentNow = (report: Report): Report & { sent_at: string } => ({ ...report, sent_at: clock() });

/**
 * Whether the server will never take this, however often it is asked. A book that is not on the shelf may be put back, or
 * be another person's who reads in this browser too.
 */
export function isRefusal(error: unknown): boolean {
  return error instanceof Problem && [400, 404, 409, 422].includes(error.status) && error.code !== 'no_such_book';
}

/** Whether the server did not answer at all, or only what stands before it did. */
export function isUnreached(error: unknown): boolean {
  return error instanceof Problem && [0, 502, 504].includes(error.status);
}
