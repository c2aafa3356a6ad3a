import { call, type Manifest } from './api';
import { fetchPaginator } from './engine/ahead';
import { matchPath } from './routes';

const asked = new Map<string, Promise<Manifest>>();

/** Asks for the book of the address, and for what draws its pages, while the rest of the app is still loading: every round trip counts. */
export function askEarly(path: string): void {
  const { page, id } = matchPath(path);
  if (page !== 'read') return;
  void fetchPaginator();
  const manifest = fetchManifest(id);
  // Whoever takes it hears of the failure; until then nobody has to.
  manifest.catch(() => undefined);
  asked.set(id, manifest);
}

/** The manifest of a book: what was asked for early if it came, else what the server says now. */
export async function manifestOf(id: string): Promise<Manifest> {
  const early = asked.get(id);
  asked.delete(id);
  try {
    if (early) return await early;
  } catch {
    // Perhaps nobody was signed in then.
  }
  return fetchManifest(id);
}

function fetchManifest(id: string): Promise<Manifest> {
  return call('get', '/api/v1/books/{book_id}/manifest', { path: { book_id: id } });
}
