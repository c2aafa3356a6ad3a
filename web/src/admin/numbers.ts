import { duration, locale, timeZone } from '../i18n';
import { t } from './words';

/** The price of a picture in US dollars, with as many decimals as it needs. */
export function price(value: string | number): string {
  return dollars(Number(value), 4);
}

/** A sum of US dollars; one that is less than a cent keeps its decimals. */
export function money(value: string | number): string {
  const sum = Number(value);
  return dollars(sum, sum !== 0 && Math.abs(sum) < 0.01 ? 4 : 2);
}

function dollars(value: number, decimals: number): string {
  const options = { style: 'currency', currency: 'USD', minimumFractionDigits: 2, maximumFractionDigits: decimals } as const;
  return new Intl.NumberFormat(locale(), options).format(value);
}

/** A span of time as people say it, from seconds up. */
export function span(seconds: number): string {
  if (seconds > 0 && seconds < 1) return t('underSecond');
  if (seconds < 60) return t('seconds', { n: Math.max(0, Math.round(seconds)) });
  return seconds < 2 * 86_400 ? duration(seconds / 60) : t('days', { n: Math.floor(seconds / 86_400) });
}

export const secondsSince = (at: string, until: number = Date.now()): number => (until - Date.parse(at)) / 1000;

/** The hour of a moment by a clock of 24 hours, for below a chart. */
export function hour(at: string): string {
  return new Intl.DateTimeFormat('en', { hour: '2-digit', hourCycle: 'h23', timeZone: timeZone() }).format(new Date(at));
}

/** The hour and minute of a moment. */
export function clock(at: string): string {
  return new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit', timeZone: timeZone() }).format(new Date(at));
}

/** The end of an axis that holds a value: 1, 2 or 5 times a power of ten, so that its half is plain, too. */
export function roof(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
}
