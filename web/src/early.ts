import { call, type Manifest, type Progress } from './api';
import { matchPath } from './routes';
import { nameSoFar } from './ui/device';

type Early = { manifest?: Promise<Manifest> | undefined; progress?: Promise<Progress> | undefined };

const asked = new Map<string, Early>();

/** Asks for the book of the address and for where it is read, while the rest of the app is still loading: every round trip counts. */
export function askEarly(path: string): void {
  const { page, id } = matchPath(path);
  if (page !== 'read') return;
  const early = { manifest: fetchManifest(id), progress: fetchProgress(id) };
  // Whoever takes them hears of a failure; until then nobody has to.
  for (const each of Object.values(early)) each.catch(() => undefined);
  asked.set(id, early);
}

/** The manifest of a book: what was asked for early if it came, else what the server says now. */
export function manifestOf(id: string): Promise<Manifest> {
  return first(take(id, 'manifest'), () => fetchManifest(id));
}

/** Where a book is read: what was asked for early, the first time and if it came, else what the server says now. */
export function progressOf(id: string): Promise<Progress> {
  return first(take(id, 'progress'), () => fetchProgress(id));
}

function first<T>(early: Promise<T> | undefined, again: () => Promise<T>): Promise<T> {
  // When it failed, perhaps nobody was signed in then.
  return early?.catch(again) ?? again();
}

function take<K extends keyof Early>(id: string, what: K): Early[K] {
  const early = asked.get(id);
  const found = early?.[what];
  delete early?.[what];
  return found;
}

function fetchManifest(id: string): Promise<Manifest> {
  return call('get', '/api/v1/books/{book_id}/manifest', { path: { book_id: id } });
}

function fetchProgress(id: string): Promise<Progress> {
  return call('get', '/api/v1/books/{book_id}/progress', { path: { book_id: id }, query: { device: nameSoFar() } });
}
