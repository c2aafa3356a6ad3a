import { type Locale, locale } from './locale.svelte';

/** A sentence with {names}, or one per plural form of the value `n`. */
export type Message = string | ({ other: string } & Partial<Record<Intl.LDMLPluralRule, string>>);
export type Values = Readonly<Record<string, string | number>>;
export type Catalogue<K extends string> = Readonly<Record<K, Message>>;
export type Translate<K extends string> = (key: K, values?: Values) => string;

const rules = once((language) => new Intl.PluralRules(language));
const numbers = once((language) => new Intl.NumberFormat(language));

/** The translator of one part of the app. Both languages must know the same keys, or it does not compile. */
export function catalogue<K extends string>(words: { en: Catalogue<K>; ru: Catalogue<NoInfer<K>> }): Translate<K> {
  return (key, values = {}) => fill(words[locale()][key], values, locale());
}

/** The message in a language. `n` chooses the plural form; numbers are written as the language writes them. */
export function fill(message: Message, values: Values, language: Locale): string {
  const sentence = typeof message === 'string' ? message : (message[form(values, language)] ?? message.other);
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? written(value, language) : (value ?? whole);
  });
}

/**
 * A number as the language writes it. Whole ones, which the first page shows, are written here: what a browser knows of
 * languages takes it half as long to load as the whole page.
 */
export function written(value: number, language: Locale): string {
  if (!Number.isSafeInteger(value) || value < 0) return numbers(language).format(value);
  return String(value).replace(/\B(?=(\d{3})+$)/g, language === 'ru' ? '\u00a0' : ',');
}

function form(values: Values, language: Locale): Intl.LDMLPluralRule {
  return rules(language).select(Number(values.n ?? 0));
}

function once<T>(make: (language: Locale) => T): (language: Locale) => T {
  const made: Partial<Record<Locale, T>> = {};
  return (language) => (made[language] ??= make(language));
}
