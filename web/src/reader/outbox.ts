import { Problem } from '../api';
import { keep, kept, keysKept } from '../ui/kept';
import { Annotations, CHANGES, DRAFTS } from './annotations.svelte';
import { deliver } from './deliver';
import { sendRemembered } from './time';
import { areReports, BATCH, merged, UNSENT } from './unsent';

/** Tells the server what waits in this browser of any book but the one that is open, which tells by itself. */
export async function sendWaiting(open = ''): Promise<void> {
  try {
    for (const book of booksUnder(UNSENT)) if (book !== open) await sendPlaces(book);
    for (const book of new Set([...booksUnder(DRAFTS), ...booksUnder(CHANGES)])) if (book !== open) await new Annotations(book).load();
    await sendRemembered();
  } catch (error) {
    // What was not taken waits on.
    if (!(error instanceof Problem)) throw error;
  }
}

/** Places of a book that is not on this shelf are not lost: it may be put back, or be another person's. */
async function sendPlaces(book: string): Promise<void> {
  const waiting = kept(UNSENT + book, areReports) ?? [];
  for (let from = 0; from < waiting.length; from += BATCH) {
    const reports = waiting.slice(from, from + BATCH);
    try {
      await deliver(book, reports);
    } catch (error) {
      if (error instanceof Problem && error.code === 'no_such_book') return;
      throw error;
    }
    const rest = merged([], kept(UNSENT + book, areReports) ?? [], new Set(reports.map((report) => report.key)));
    keep(UNSENT + book, rest.length > 0 ? rest : null);
  }
}

const booksUnder = (prefix: string): readonly string[] => keysKept().flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
