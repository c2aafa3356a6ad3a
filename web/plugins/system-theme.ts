import type { Plugin } from 'vite';

const DARK_RULE = /\[data-theme="dark"\]([^{}]*)\{([^{}]*)\}/g;

/** Repeats every dark rule for 'as the system does', so that its values are written once. */
export function withSystemTheme(css: string): string {
  const copies = [...css.matchAll(DARK_RULE)].map(([, rest, body]) => `  [data-theme="system"]${rest}{${body}}`);
  return copies.length === 0 ? css : `${css}\n@media (prefers-color-scheme: dark) {\n${copies.join('\n')}\n}\n`;
}

export function systemTheme(): Plugin {
  return {
    name: 'bookreader:system-theme',
    enforce: 'pre',
    transform(code, id) {
      return id.split('?')[0]?.endsWith('.css') ? { code: withSystemTheme(code), map: null } : null;
    },
  };
}
