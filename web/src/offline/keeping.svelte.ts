import { Problem } from '../api';
import { session } from '../session.svelte';
import type { Kept } from './keeper';

/** How a book stands with this device. `old`: the server has a newer one. */
export type Standing =
  | { name: 'none' }
  | { name: 'keeping'; share: number }
  | { name: 'kept' | 'old'; bytes: number; at: string }
  | { name: 'full'; needed: number; free: number }
  | { name: 'failed'; why: unknown };

type Keeper = typeof import('./keeper');
const keeper = (): Promise<Keeper> => import('./keeper');

let standings = $state.raw<Readonly<Record<string, Standing>>>({});
let records = $state.raw<readonly Kept[]>([]);
let owner = '';

/** The books that are kept on this device for reading without the server. */
export const keeping = {
  of(book: string): Standing {
    return standings[book] ?? { name: 'none' };
  },
  /** Those kept whole, the newest first. */
  get records(): readonly Kept[] {
    return [...records].sort((a, b) => b.at.localeCompare(a.at));
  },
};

/** Looks what is kept here, as often as a page asks. */
export async function lookAtKept(): Promise<void> {
  const user = session.me?.id ?? '';
  if (user !== owner) {
    [standings, records] = [{}, []];
    owner = user;
  }
  if (!('caches' in globalThis) || user === '') return;
  const found = await (await keeper()).keptBooks(user);
  for (const { book } of records) if (!found.some((one) => one.book === book)) forget(book);
  for (const one of found) if (keeping.of(one.book).name !== 'keeping') remember(one, keeping.of(one.book).name === 'old');
}

export async function keepHere(book: string): Promise<void> {
  const { me } = session;
  if (!me || keeping.of(book).name === 'keeping') return;
  stand(book, { name: 'keeping', share: 0 });
  const { keepBook, NoRoom } = await keeper();
  try {
    remember(await keepBook(me, book, (share) => stand(book, { name: 'keeping', share })));
  } catch (error) {
    stand(book, error instanceof NoRoom ? { name: 'full', needed: error.needed, free: error.free } : { name: 'failed', why: error });
  }
}

export async function keepNoMore(book: string): Promise<void> {
  const { me } = session;
  if (me) await (await import('./person')).dropBook(me.id, book);
  forget(book);
}

/** Asks whether the server has a newer version of a book that is kept. */
export async function compare(book: string): Promise<void> {
  const record = records.find((one) => one.book === book);
  if (!record) return;
  try {
    if ((await (await keeper()).signatureNow(book)) !== record.signature && keeping.of(book).name === 'kept') remember(record, true);
  } catch (error) {
    // Then nobody knows, and the kept one serves.
    if (!(error instanceof Problem)) throw error;
  }
}

function remember(record: Kept, old = false): void {
  records = [...records.filter((one) => one.book !== record.book), record];
  stand(record.book, { name: old ? 'old' : 'kept', bytes: record.bytes, at: record.at });
}

function stand(book: string, standing: Standing): void {
  standings = { ...standings, [book]: standing };
}

function forget(book: string): void {
  records = records.filter((one) => one.book !== book);
  stand(book, { name: 'none' });
}
