import { KEPT_AT } from '../api/header';
import { cacheOf, isAway, ME, PERSON, SHELL, type Way, wayOf } from './addresses';
import type { Asked, Scope } from './scope';

/** The app's files and a name for this set of them, written in by the build (plugins/offline.ts). */
declare const __SHELL__: { version: string; files: readonly string[] };

/** Milliseconds after which a connection that says nothing is not waited for, where a kept answer is at hand. */
const PATIENCE = 4000;
const { version, files } = __SHELL__;
const scope = self as unknown as Scope;
const own = SHELL + version;

scope.addEventListener('install', (event) => event.waitUntil(fill()));
scope.addEventListener('activate', (event) => event.waitUntil(begin()));
scope.addEventListener('message', (event) => event.waitUntil(takeOver(event.data)));
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const address = new URL(request.url);
  // Live events and uploads, other sites, parts of files, and whoever wants to know whether the server is there.
  if (request.method !== 'GET' || address.origin !== scope.location.origin || request.cache === 'no-store' || request.headers.has('range')) return;
  const way = wayOf(address, request.mode === 'navigate' && request.destination === 'document', files);
  if (way) event.respondWith(answer(event, way));
});

async function fill(): Promise<void> {
  const cache = await caches.open(own);
  await cache.addAll(files.map((file) => new Request(file, { cache: file.startsWith('/assets/') ? 'default' : 'no-cache' })));
}

/** The browser makes a new version wait until the last page of the old one is gone: nobody needs the old files now. */
async function begin(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(SHELL) && name !== own);
  await Promise.all(old.map((name) => caches.delete(name)));
  await scope.clients.claim();
}

/** A page that consists of this version's files, and is the only one, need not wait for the old version's pages. */
async function takeOver(file: unknown): Promise<void> {
  const open = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (open.length === 1 && files.includes(String(file))) await scope.skipWaiting();
}

function answer(event: Asked, way: Way): Promise<Response> {
  const { request } = event;
  switch (way.how) {
    case 'asset':
      return keptOrFresh(request, () => fromShell(way.key));
    case 'resource':
      return keptOrFresh(request, () => fromBook(way.book, way.key));
    case 'page':
    case 'file':
      return freshOrKept(request, () => fromShell(way.key));
    case 'person':
      return freshOrKept(request, () => fromPerson(way.key));
    case 'picture':
      return freshOrKept(request, () => fromAnyBook(way.key));
    case 'book':
      return freshOrKept(request, () => fromBook(way.book, way.key), way.lively ? (fresh) => event.waitUntil(renew(way.book, way.key, fresh)) : undefined);
  }
}

async function keptOrFresh(request: Request, find: () => Promise<Response | undefined>): Promise<Response> {
  return (await find()) ?? fetch(request);
}

/** The server's answer, or the kept one when none comes in time. `came` gets a copy of the server's. */
async function freshOrKept(request: Request, find: () => Promise<Response | undefined>, came?: (fresh: Response) => void): Promise<Response> {
  const asked = fetch(request);
  const fresh = await Promise.race([asked.catch(() => null), after(PATIENCE)]);
  if (fresh && !isAway(fresh.status, fresh.headers.get('Content-Type'))) {
    if (fresh.ok) came?.(fresh.clone());
    return fresh;
  }
  const kept = await find();
  return kept ? marked(kept) : asked;
}

/** So that a page knows that it does not hear the server. */
function marked(kept: Response): Response {
  const headers = new Headers(kept.headers);
  headers.set(KEPT_AT, kept.headers.get('Date') ?? '');
  return new Response(kept.body, { status: kept.status, headers });
}

async function fromShell(key: string): Promise<Response | undefined> {
  return (await caches.open(own)).match(key);
}

async function fromPerson(key: string): Promise<Response | undefined> {
  return caches.match(key, { cacheName: PERSON });
}

/** Only from what the person keeps who is signed in here. */
async function fromBook(book: string, key: string): Promise<Response | undefined> {
  const user = await whose();
  return user ? caches.match(key, { cacheName: cacheOf(user, book), ignoreVary: true }) : undefined;
}

async function fromAnyBook(key: string): Promise<Response | undefined> {
  const user = await whose();
  if (!user) return undefined;
  for (const name of await caches.keys()) {
    const found = name.startsWith(cacheOf(user, '')) ? await caches.match(key, { cacheName: name, ignoreVary: true }) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Puts a newer answer in the place of one that was kept on purpose; nothing else is ever kept. */
async function renew(book: string, key: string, fresh: Response): Promise<void> {
  const user = await whose();
  if (!user || !(await caches.has(cacheOf(user, book)))) return;
  const cache = await caches.open(cacheOf(user, book));
  if (!(await cache.match(key))) return;
  const { next = null } = (await fresh.clone().json()) as { next?: string | null };
  if (next === null) await cache.put(key, fresh);
}

async function whose(): Promise<string | null> {
  const me = await fromPerson(ME);
  return me ? ((await me.json()) as { id: string }).id : null;
}

const after = (milliseconds: number): Promise<null> => new Promise((resolve) => setTimeout(() => resolve(null), milliseconds));
