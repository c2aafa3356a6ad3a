import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const SHIPPED = [
  ['svelte', 'node_modules/svelte/LICENSE.md'],
  ['foliate-js', 'node_modules/foliate-js/LICENSE'],
  ['Literata (font)', 'src/ui/fonts/Literata-OFL.txt'],
  ['Golos Text (font)', 'src/ui/fonts/GolosText-OFL.txt'],
] as const;

/** Ships the licence texts of what the bundle contains, beside it. */
export function licences(): Plugin {
  return {
    name: 'bookreader:licences',
    apply: 'build',
    generateBundle() {
      const texts = SHIPPED.map(([name, file]) => `${name}\n${'='.repeat(name.length)}\n\n${readFileSync(file, 'utf8')}`);
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: texts.join('\n\n') });
    },
  };
}
