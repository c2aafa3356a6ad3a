const PAIRS: Readonly<Record<string, readonly [string, string]>> = { ru: ['«', '»'], uk: ['«', '»'], be: ['«', '»'], fr: ['« ', ' »'], de: ['„', '“'], ja: ['「', '」'] };

/** Words of a book in the quotation marks of its language. */
export function quoted(words: string, language: string): string {
  const [open, close] = PAIRS[language.slice(0, 2).toLowerCase()] ?? ['“', '”'];
  return `${open}${words.trim()}${close}`;
}
