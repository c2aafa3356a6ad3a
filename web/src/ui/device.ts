import { keepText, keptText } from './kept';

const KEY = 'bookreader.device';
const COOKIE = 'bookreader_device';
/** Seconds. */
const YEAR = 31_536_000;
const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdg\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bYaBrowser\//, 'Yandex'],
  [/\bFirefox\//, 'Firefox'],
  [/Chrom(e|ium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'Mac'],
  [/\bLinux\b/, 'Linux'],
];

/** This browser's own name, such as "Chrome, Linux #k3f9": made once, so that its places are told from other devices'. */
export function deviceName(): string {
  if (made) return made;
  made = keptText(KEY) || `${describe(navigator.userAgent)} #${uuid().slice(0, 4)}`;
  keepText(KEY, made);
  // So that the server knows it when it makes the page of the reader, which takes along where this device is.
  document.cookie = `${COOKIE}=${encodeURIComponent(made)}; path=/read; max-age=${YEAR}; samesite=lax`;
  return made;
}

/** The same, empty as long as none was needed: nothing is known of such a device. */
export const nameSoFar = (): string => made || keptText(KEY);

let made = '';

/** What a person needs to see of a device's name. */
export const shownDevice = (name: string): string => name.replace(/ #[0-9a-f]{4}$/, '');

export function describe(userAgent: string): string {
  const find = (list: readonly [RegExp, string][]): string => list.find(([sign]) => sign.test(userAgent))?.[1] ?? '';
  return [find(BROWSERS), find(SYSTEMS)].filter(Boolean).join(', ') || 'Browser';
}

/** A random identifier. `crypto.randomUUID` is missing on pages that came without TLS from another machine. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The time by this device's clock, as the API writes times. */
export const clock = (): string => new Date().toISOString();
