import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';
import { styleBlock } from './foliate.ts';

const THEME = 'src/theme.js';
const MARK = '<!-- theme -->';

/** Puts the theme's script into the page, and tells the server which words a page may hold that stand in no file: csp.json. */
export function policy(): Plugin {
  const script = scriptOf(readFileSync(THEME, 'utf8'));
  return {
    name: 'bookreader:policy',
    transformIndexHtml: { order: 'pre', handler: (page) => withTheme(page, script) },
    generateBundle() {
      const source = JSON.stringify({ script: [digest(script)], style: [digest(styleBlock())] });
      this.emitFile({ type: 'asset', fileName: 'csp.json', source });
    },
  };
}

export function withTheme(page: string, script: string): string {
  if (!page.includes(MARK)) throw new Error(`The page has no ${MARK}.`);
  return page.replace(MARK, () => `<script>${script}</script>`);
}

/** A script without its remarks and indents, which no browser needs. */
export const scriptOf = (source: string): string => source.replace(/^\s*(\/\/.*)?\n?/gm, '');

/** The policy's word for a block of script or style (CSP 3, 2.3.1). */
export const digest = (block: string): string => `sha256-${createHash('sha256').update(block).digest('base64')}`;
