import type { Plugin, Rolldown } from 'vite';

/** What the first page of a book needs besides the app itself. */
const NEEDED = ['src/reader/Reader.svelte', 'foliate-js/paginator.js'];

/** Writes read.html: the app's one page for addresses of the reader, which names all its files, so that none is found only when another has run. */
export function readingPage(): Plugin {
  return {
    name: 'bookreader:reading-page',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const page = bundle['index.html'];
        if (page?.type !== 'asset') throw new Error('The build made no index.html.');
        this.emitFile({ type: 'asset', fileName: 'read.html', source: withFiles(String(page.source), filesOf(bundle)) });
      },
    },
  };
}

/** The scripts and styles that the needed modules stand in, with everything that those import. */
export function filesOf(bundle: Rolldown.OutputBundle): string[] {
  const found = new Set<string>();
  const add = (name: string): void => {
    const chunk = bundle[name];
    if (chunk?.type !== 'chunk' || found.has(name)) return;
    found.add(name);
    chunk.viteMetadata?.importedCss.forEach((style) => found.add(style));
    chunk.imports.forEach(add);
  };
  for (const module of NEEDED) {
    const chunk = Object.values(bundle).find((one) => one.type === 'chunk' && one.facadeModuleId?.split('?')[0]?.endsWith(module));
    if (!chunk) throw new Error(`No chunk of the build begins with ${module}.`);
    add(chunk.fileName);
  }
  return [...found];
}

/** The page with those files in its head that it does not name yet. */
export function withFiles(page: string, files: readonly string[]): string {
  const missing = files.filter((file) => !page.includes(`"/${file}"`));
  const links = missing.map((file) => `    <link rel="${file.endsWith('.css') ? 'stylesheet' : 'modulepreload'}" crossorigin href="/${file}">\n`);
  return page.replace('  </head>', () => `${links.join('')}  </head>`);
}
