import { resolve } from 'node:path';
import type { Plugin, Rolldown } from 'vite';

const MAIN = resolve('src/main.ts');
const READER = resolve('src/reader/index.ts');
const SCRIPT = /(<script type="module" crossorigin src=")[^"]*"/;
const OWN = /\/(src\/reader|src\/engine|foliate-js)\//;

/**
 * The chunk of a module that is needed before the first page: 'base' is what the app begins with and what the reader shares
 * with other pages, 'reading' its own. A browser asks for six files at once, so that many small ones would wait in line.
 */
export const readingChunks: Rolldown.CodeSplittingOptions = {
  includeDependenciesRecursively: false,
  groups: [
    {
      debugName: 'reading',
      name: (id, graph) => {
        const app = reachedFrom(MAIN, graph);
        if (id === MAIN || !(app.has(id) || reachedFrom(READER, graph).has(id))) return null;
        return OWN.test(id) && !app.has(id) ? 'reading' : 'base';
      },
    },
  ],
};

const known = new Map<string, Set<string>>();

/** The modules that are there once this one runs. */
function reachedFrom(begin: string, graph: Rolldown.ChunkingContext): Set<string> {
  let reached = known.get(begin);
  if (reached) return reached;
  known.set(begin, (reached = new Set([begin])));
  for (const each of reached) graph.getModuleInfo(each)?.importedIds.forEach((id) => reached.add(id));
  return reached;
}

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
        this.emitFile({ type: 'asset', fileName: 'read.html', source: readingPageOf(String(page.source), filesOf(bundle)) });
      },
    },
  };
}

/** The scripts and styles that the reader stands in, with everything that those import. */
export function filesOf(bundle: Rolldown.OutputBundle): string[] {
  const found = new Set<string>();
  const add = (name: string): void => {
    const chunk = bundle[name];
    if (chunk?.type !== 'chunk' || found.has(name)) return;
    found.add(name);
    chunk.viteMetadata?.importedCss.forEach((style) => found.add(style));
    chunk.imports.forEach(add);
  };
  const reader = Object.values(bundle).find((one) => one.type === 'chunk' && one.moduleIds.includes(READER));
  if (!reader) throw new Error('No chunk of the build holds the reader.');
  add(reader.fileName);
  return [...found];
}

/** The page that runs the first of those files in place of the app's, with the others in its head. */
export function readingPageOf(page: string, files: readonly string[]): string {
  const [first, ...others] = files;
  const missing = others.filter((file) => !page.includes(`"/${file}"`));
  const links = missing.map((file) => `    <link rel="${file.endsWith('.css') ? 'stylesheet' : 'modulepreload'}" crossorigin href="/${file}">\n`);
  if (!SCRIPT.test(page)) throw new Error('The page has no script of the app.');
  return page.replace(SCRIPT, (_, begin: string) => `${begin}/${first}"`).replace('  </head>', () => `${links.join('')}  </head>`);
}
