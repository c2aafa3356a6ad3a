import { keepText, keptText } from '../ui/kept';

export const LOCALES = ['en', 'ru'] as const;
export type Locale = (typeof LOCALES)[number];

const KEY = 'bookreader.locale';

let current = $state<Locale>(browserLocale());
let zone = $state('');

/** The reader's language: the account's when signed in, else the one chosen here before, else the browser's. */
export function locale(): Locale {
  return current;
}

/** The account's time zone, for days and hours; the browser's until somebody is signed in. */
export function timeZone(): string {
  return zone || browserTimeZone();
}

export function setLocale(wanted: string): void {
  current = isLocale(wanted) ? wanted : 'en';
  document.documentElement.lang = current;
  keepText(KEY, current);
}

export function setTimeZone(wanted: string): void {
  zone = wanted;
}

export function isLocale(value: string): value is Locale {
  return (LOCALES as readonly string[]).includes(value);
}

/** Nothing for the way to a first page: a browser takes as long to find out as for a small page. */
export function browserTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

function browserLocale(): Locale {
  const kept = keptText(KEY);
  if (kept && isLocale(kept)) return kept;
  return /^ru\b/i.test(globalThis.navigator?.language ?? '') ? 'ru' : 'en';
}
