import { duration, locale, timeZone } from '../i18n';
import { t } from './words';

/** US dollars, with as many decimals as a price of one picture needs. */
export function money(value: string | number): string {
  const options = { style: 'currency', currency: 'USD', minimumFractionDigits: 2, maximumFractionDigits: 4 } as const;
  return new Intl.NumberFormat(locale(), options).format(Number(value));
}

/** A span of time as people say it, from seconds up. */
export function span(seconds: number): string {
  if (seconds < 60) return t('seconds', { n: Math.max(0, Math.round(seconds)) });
  return seconds < 2 * 86_400 ? duration(seconds / 60) : t('days', { n: Math.floor(seconds / 86_400) });
}

export const secondsSince = (at: string, until: number = Date.now()): number => (until - Date.parse(at)) / 1000;

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
