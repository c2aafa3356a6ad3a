import type { Me, Site } from '../api';
import { cacheOf, isBookCache, isCacheOf, ME, PERSON, SITE } from './addresses';

/** What is kept on this device belongs to one person: it opens to nobody else, and goes when another one signs in. */

/** Takes over who is signed in: others' books go, and this person's open without the server. */
export async function settle(me: Me, site: Site | null): Promise<void> {
  const others = (await caches.keys()).filter((name) => isBookCache(name) && !isCacheOf(name, me.id));
  await Promise.all(others.map((name) => caches.delete(name)));
  if (!(await caches.keys()).some(isBookCache)) return lock();
  const person = await caches.open(PERSON);
  await person.put(ME, Response.json(me));
  if (site) await person.put(SITE, Response.json(site));
}

/** Nobody is signed in any more by the server's word: what is kept stays, and opens to its person alone. */
export async function lock(): Promise<void> {
  await caches.delete(PERSON);
}

export async function dropAll(): Promise<void> {
  const own = (await caches.keys()).filter((name) => isBookCache(name) || name === PERSON);
  await Promise.all(own.map((name) => caches.delete(name)));
}

export async function dropBook(user: string, book: string): Promise<void> {
  await caches.delete(cacheOf(user, book));
}
