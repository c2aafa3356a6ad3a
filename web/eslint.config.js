import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import config from './svelte.config.js';

/** What the page's policy or the house forbids, said before a browser says it. */
const house = {
  'no-restricted-syntax': [
    'error',
    {
      selector: 'SvelteAttribute[key.name="style"]',
      message: 'The page policy refuses style attributes: use a class, or style:--name={value}.',
    },
  ],
  'svelte/no-at-html-tags': 'error',
  'no-console': 'error',
  eqeqeq: 'error',
};

export default ts.config(
  { ignores: ['node_modules', 'src/api/types.ts', 'public'] },
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { rules: house },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig: config } },
    // Plain Svelte with a router of our own: there is no SvelteKit `resolve` to call.
    rules: { 'svelte/no-navigation-without-resolve': 'off' },
  },
  {
    files: ['src/**'],
    rules: { 'max-lines': ['error', { max: 500 }] },
  },
);
