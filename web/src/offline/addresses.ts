/** Where things are kept in the browser's cache storage, and how the worker answers an address. Worker and pages share it. */

/** Who the kept books belong to: `me` and `site` as the server said them last. Gone while nobody is signed in. */
export const PERSON = 'bookreader-person';
export const SHELL = 'bookreader-shell:';
const BOOK = 'bookreader-book:';

export const ME = '/api/v1/me';
export const SITE = '/api/v1/site';
/** The record of a book that is kept whole, in its own cache. Nothing on the server has this address. */
export const RECORD = '/kept';

export const cacheOf = (user: string, book: string): string => `${BOOK}${user}:${book}`;
export const isBookCache = (name: string): boolean => name.startsWith(BOOK);
export const isCacheOf = (name: string, user: string): boolean => name.startsWith(`${BOOK}${user}:`);

/** What the page of a book and the reader ask for, kept whole under the address without its query. */
const ANSWERS = /^\/api\/v1\/books\/([\w-]+)(?:\/(manifest|chapters|progress|annotations|descriptions|illustrations|cast|cover))?$/;
/** What changes while a book is read: a newer answer takes the kept one's place. */
const LIVELY = [undefined, 'chapters', 'progress', 'annotations'];
const RESOURCE = /^\/api\/v1\/books\/([\w-]+)\/resources\/./;
const PICTURE = /^\/api\/v1\/illustrations\/[\w-]+\/image$/;
/** What only says how much of an answer is wanted; anything else asks for a part of it, which is not kept. */
const SAME_ANSWER = ['limit', 'device', 'width', 'v', 'ahead'];

/**
 * How the worker answers a GET. `page`, `file`: the app itself; `asset`: a part of it that never changes; `resource`: a file
 * of a book that never changes; `person`, `book`, `picture`: the server's answer, or the kept one where none comes.
 */
export type Way =
  | { how: 'page' | 'file' | 'asset' | 'person'; key: string }
  | { how: 'resource'; key: string; book: string }
  | { how: 'book'; key: string; book: string; lively: boolean }
  | { how: 'picture'; key: string };

export function wayOf(address: URL, isPage: boolean, files: readonly string[]): Way | null {
  const { pathname } = address;
  if (pathname.startsWith('/api/')) return wayOfApi(address);
  if (files.includes(pathname)) return { how: pathname.startsWith('/assets/') ? 'asset' : 'file', key: pathname };
  // A part of another version of the app than the worker's own.
  if (pathname.startsWith('/assets/')) return { how: 'asset', key: pathname };
  return isPage && !/\.\w+$/.test(pathname) ? { how: 'page', key: '/' } : null;
}

function wayOfApi({ pathname, searchParams }: URL): Way | null {
  if (pathname === ME || pathname === SITE) return { how: 'person', key: pathname };
  const resource = RESOURCE.exec(pathname);
  if (resource?.[1]) return { how: 'resource', key: canonical(pathname), book: resource[1] };
  if ([...searchParams.keys()].some((name) => !SAME_ANSWER.includes(name))) return null;
  if (PICTURE.test(pathname)) return { how: 'picture', key: pathname };
  const [, book, part] = ANSWERS.exec(pathname) ?? [];
  return book ? { how: 'book', key: pathname, book, lively: LIVELY.includes(part) } : null;
}

/** Whether an answer only says that the server is not there: what stands before it answers in its place. */
export function isAway(status: number, type: string | null): boolean {
  return status === 502 || status === 504 || (status === 503 && !type?.includes('problem+json'));
}

/** One spelling for an address that books write in several: each segment encoded as the app does. */
function canonical(pathname: string): string {
  try {
    return pathname.split('/').map((segment) => encodeURIComponent(decodeURIComponent(segment))).join('/');
  } catch {
    return pathname;
  }
}
