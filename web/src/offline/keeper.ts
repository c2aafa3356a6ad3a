import { addressOf, type Book, call, type Illustration, type Manifest, type Me, Problem } from '../api';
import { everyPage } from '../api/pages';
import { problemOf } from '../api/problem';
import { cacheOf, isCacheOf, RECORD } from './addresses';
import { barrier } from './barrier';
import { type File, filesOf, signatureOf } from './files';
import { dropBook, settle } from './person';

/** Files asked for at once. */
const AT_ONCE = 4;
/** Bytes that are left free for everything else. */
const SPARE = 5_000_000;

/** A book that is kept whole. */
export type Kept = { book: string; signature: string; bytes: number; at: string };

/** The browser lends less room than a book needs. */
export class NoRoom extends Error {
  constructor(
    readonly needed: number,
    readonly free: number,
  ) {
    super(`${needed} bytes are needed, ${free} are free`);
  }
}

/**
 * Keeps a book whole, and tells how far it is (0-1). What an attempt that broke off has left is not fetched again. Rejects with
 * NoRoom, or with the server's problem.
 */
export async function keepBook(me: Me, book: string, told: (share: number) => void): Promise<Kept> {
  await startWorker();
  // Some browsers ask the person whether it may stay for good; keeping does not wait for the answer.
  void navigator.storage.persist().catch(() => false);
  const { answers, manifest, files, signature } = await ask(book);
  await makeRoom(files);
  const cache = await caches.open(cacheOf(me.id, book));
  const before = (await cache.match(RECORD)) ? await pathsOf(cache) : null;
  try {
    await fetchAll(cache, files, before !== null, told);
    for (const [address, answer] of Object.entries(answers)) await cache.put(address, Response.json(answer));
    await dropOthers(cache, [...files.map((file) => file.address), ...Object.keys(answers)]);
    await settle(me, await call('get', '/api/v1/site'));
    const kept = { book: manifest.id, signature, bytes: await sizeOf(cache), at: new Date().toISOString() };
    await cache.put(RECORD, Response.json(kept));
    return kept;
  } catch (error) {
    if (!isFull(error)) throw error;
    // Half a book that fills the browser's room serves nobody; one that was whole before stays as it was.
    if (before) await dropOthers(cache, before);
    else await dropBook(me.id, book);
    throw new NoRoom(sum(files), await free());
  }
}

/** The books kept whole on this device for a person. */
export async function keptBooks(user: string): Promise<readonly Kept[]> {
  if (barrier()) return [];
  const names = (await caches.keys()).filter((name) => isCacheOf(name, user));
  const records = await Promise.all(names.map((name) => caches.match(RECORD, { cacheName: name })));
  return Promise.all(records.filter((record) => record !== undefined).map((record) => record.json() as Promise<Kept>));
}

/** The shelf without the server: what it said of each kept book last. */
export async function keptShelf(user: string): Promise<readonly Book[]> {
  const kept = await keptBooks(user);
  const answers = await Promise.all(kept.map(({ book }) => caches.match(addressOf('/api/v1/books/{book_id}', { path: { book_id: book } }), { cacheName: cacheOf(user, book) })));
  return Promise.all(answers.filter((answer) => answer !== undefined).map((answer) => answer.json() as Promise<Book>));
}

/** What the server has now of a book, in short; to be compared with what is kept. */
export async function signatureNow(book: string): Promise<string> {
  const path = { book_id: book };
  const [site, manifest, pictures] = await Promise.all([
    call('get', '/api/v1/site'),
    call('get', '/api/v1/books/{book_id}/manifest', { path }),
    everyPage((cursor) => call('get', '/api/v1/books/{book_id}/illustrations', { path, query: { cursor, limit: 200 } })),
  ]);
  return signatureOf(manifest.version, site.version, pictures);
}

/** The worker is there when the app itself is kept whole. */
async function startWorker(): Promise<void> {
  const registration = await navigator.serviceWorker.register('/sw.js');
  const worker = registration.installing;
  if (registration.active || !worker) return;
  await new Promise<void>((resolve, reject) => {
    worker.addEventListener('statechange', () => {
      if (worker.state === 'activated') resolve();
      if (worker.state === 'redundant') reject(new Problem(0, 'offline', ''));
    });
  });
}

type Asked = { answers: Record<string, unknown>; manifest: Manifest; files: readonly File[]; signature: string };

async function ask(book: string): Promise<Asked> {
  const path = { book_id: book };
  const base = addressOf('/api/v1/books/{book_id}', { path });
  const [site, facts, manifest, resources, chapters, progress, cast] = await Promise.all([
    call('get', '/api/v1/site'),
    call('get', '/api/v1/books/{book_id}', { path }),
    call('get', '/api/v1/books/{book_id}/manifest', { path }),
    call('get', '/api/v1/books/{book_id}/resources', { path }),
    call('get', '/api/v1/books/{book_id}/chapters', { path }),
    call('get', '/api/v1/books/{book_id}/progress', { path }),
    // People and places that are still ahead are the server's to open.
    call('get', '/api/v1/books/{book_id}/cast', { path, query: { ahead: false } }),
  ]);
  const [marks, found, pictures] = await Promise.all([
    everyPage((cursor) => call('get', '/api/v1/books/{book_id}/annotations', { path, query: { cursor, limit: 200 } })),
    everyPage((cursor) => call('get', '/api/v1/books/{book_id}/descriptions', { path, query: { cursor, limit: 200 } })),
    everyPage<Illustration>((cursor) => call('get', '/api/v1/books/{book_id}/illustrations', { path, query: { cursor, limit: 200 } })),
  ]);
  const list = (items: readonly unknown[]): unknown => ({ items, next: null });
  const answers = {
    [base]: facts,
    [`${base}/manifest`]: manifest,
    [`${base}/chapters`]: chapters,
    [`${base}/progress`]: progress,
    [`${base}/cast`]: cast,
    [`${base}/annotations`]: list(marks),
    [`${base}/descriptions`]: list(found),
    [`${base}/illustrations`]: list(pictures),
  };
  return { answers, manifest, files: filesOf(manifest, resources.items, pictures), signature: signatureOf(manifest.version, site.version, pictures) };
}

async function makeRoom(files: readonly File[]): Promise<void> {
  const needed = sum(files);
  const left = await free();
  if (needed + SPARE > left) throw new NoRoom(needed, left);
}

async function free(): Promise<number> {
  const { quota = Infinity, usage = 0 } = await navigator.storage.estimate();
  return Math.max(0, quota - usage);
}

async function fetchAll(cache: Cache, files: readonly File[], anew: boolean, told: (share: number) => void): Promise<void> {
  const whole = sum(files) || 1;
  const left = [...files];
  let done = 0;
  const work = async (): Promise<void> => {
    for (let file = left.shift(); file; file = left.shift()) {
      if (anew || !(await cache.match(file.address))) await fetchOne(cache, file.address);
      done += file.bytes;
      told(Math.min(1, done / whole));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** A file that is gone from the server is missing here as it is there: the reader says so. */
async function fetchOne(cache: Cache, address: string): Promise<void> {
  // From the server itself, past the worker and the browser's own store.
  const answer = await fetch(address, { cache: 'no-store' }).catch(() => {
    throw new Problem(0, 'offline', '');
  });
  if (answer.ok) await cache.put(address, answer);
  else if (answer.status !== 404) throw problemOf(answer.status, await answer.text());
}

async function dropOthers(cache: Cache, wanted: readonly string[]): Promise<void> {
  const known = new Set(wanted);
  for (const path of await pathsOf(cache)) if (!known.has(path)) await cache.delete(path);
}

async function pathsOf(cache: Cache): Promise<readonly string[]> {
  return (await cache.keys()).map((request) => new URL(request.url).pathname);
}

async function sizeOf(cache: Cache): Promise<number> {
  const answers = await cache.matchAll();
  const sizes = await Promise.all(answers.map(async (answer) => (await answer.blob()).size));
  return sizes.reduce((bytes, size) => bytes + size, 0);
}

const sum = (files: readonly File[]): number => files.reduce((bytes, file) => bytes + file.bytes, 0);
const isFull = (error: unknown): boolean => error instanceof DOMException && error.name === 'QuotaExceededError';
