export { catalogue } from './catalogue';
export type { Catalogue, Message, Translate, Values } from './catalogue';
export { bytes, day, duration, languageName, moment, number, percent } from './format';
export { browserTimeZone, type Locale, LOCALES, locale, setLocale, setTimeZone, timeZone } from './locale.svelte';
