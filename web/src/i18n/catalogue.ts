import { type Locale, locale } from './locale.svelte';

/** A sentence with {names}, or one per plural form of the value `n`. */
export type Message = string | ({ other: string } & Partial<Record<Intl.LDMLPluralRule, string>>);
export type Values = Readonly<Record<string, string | number>>;
export type Catalogue<K extends string> = Readonly<Record<K, Message>>;
export type Translate<K extends string> = (key: K, values?: Values) => string;

const rules: Record<Locale, Intl.PluralRules> = { en: new Intl.PluralRules('en'), ru: new Intl.PluralRules('ru') };
const numbers: Record<Locale, Intl.NumberFormat> = { en: new Intl.NumberFormat('en'), ru: new Intl.NumberFormat('ru') };

/** The translator of one part of the app. Both languages must know the same keys, or it does not compile. */
export function catalogue<K extends string>(words: { en: Catalogue<K>; ru: Catalogue<NoInfer<K>> }): Translate<K> {
  return (key, values = {}) => fill(words[locale()][key], values, locale());
}

/** The message in a language. `n` chooses the plural form; numbers are written as the language writes them. */
export function fill(message: Message, values: Values, language: Locale): string {
  const sentence = typeof message === 'string' ? message : (message[form(values, language)] ?? message.other);
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? numbers[language].format(value) : (value ?? whole);
  });
}

function form(values: Values, language: Locale): Intl.LDMLPluralRule {
  return rules[language].select(Number(values.n ?? 0));
}
