import { catalogue, written } from './catalogue';
import { locale, timeZone } from './locale.svelte';

const t = catalogue({
  en: {
    minutes: '{n} min',
    hours: '{hours} h',
    hoursMinutes: '{hours} h {minutes} min',
    kilobytes: '{size} KB',
    megabytes: '{size} MB',
    gigabytes: '{size} GB',
    today: 'today at {time}',
    yesterday: 'yesterday at {time}',
  },
  ru: {
    minutes: '{n} мин',
    hours: '{hours} ч',
    hoursMinutes: '{hours} ч {minutes} мин',
    kilobytes: '{size} КБ',
    megabytes: '{size} МБ',
    gigabytes: '{size} ГБ',
    today: 'сегодня в {time}',
    yesterday: 'вчера в {time}',
  },
});

/** Minutes as people say them: 9 min, 2 h 40 min. */
export function duration(minutes: number): string {
  const whole = Math.max(0, Math.round(minutes));
  const [hours, rest] = [Math.floor(whole / 60), whole % 60];
  if (hours === 0) return t('minutes', { n: rest });
  return rest === 0 ? t('hours', { hours }) : t('hoursMinutes', { hours, minutes: String(rest).padStart(2, '0') });
}

/** A share 0-1 as whole percent; what is begun is never 0 %, what is not finished never 100 %. */
export function percent(share: number): number {
  const whole = Math.round(share * 100);
  if (share > 0 && whole === 0) return 1;
  return share < 1 && whole === 100 ? 99 : Math.min(100, Math.max(0, whole));
}

export function number(value: number): string {
  return written(value, locale());
}

export function bytes(size: number): string {
  if (size < 1_000_000) return t('kilobytes', { size: Math.max(1, Math.round(size / 1000)) });
  if (size < 1_000_000_000) return t('megabytes', { size: Math.round(size / 100_000) / 10 });
  const gigabytes = size / 1_000_000_000;
  return t('gigabytes', { size: gigabytes < 100 ? Math.round(gigabytes * 10) / 10 : Math.round(gigabytes) });
}

export function day(at: string): string {
  const options = { day: 'numeric', month: 'long', timeZone: timeZone() } as const;
  const year = new Date(at).getFullYear() === new Date().getFullYear() ? {} : ({ year: 'numeric' } as const);
  return new Intl.DateTimeFormat(locale(), { ...options, ...year }).format(new Date(at));
}

/** Day and time, near days by their name. */
export function moment(at: string, now: Date = new Date()): string {
  const time = new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit', timeZone: timeZone() });
  const shown = time.format(new Date(at));
  const days = daysBetween(at, now);
  if (days === 0) return t('today', { time: shown });
  if (days === 1) return t('yesterday', { time: shown });
  return `${day(at)}, ${shown}`;
}

/** The name of a language in the reader's own; the code itself where nobody knows it. */
export function languageName(code: string): string {
  try {
    const name = new Intl.DisplayNames(locale(), { type: 'language' }).of(code) ?? code;
    return name.charAt(0).toLocaleUpperCase(locale()) + name.slice(1);
  } catch {
    return code;
  }
}

function daysBetween(at: string, now: Date): number {
  const date = new Intl.DateTimeFormat('en-CA', { timeZone: timeZone() });
  return Math.round((Date.parse(date.format(now)) - Date.parse(date.format(new Date(at)))) / 86_400_000);
}
