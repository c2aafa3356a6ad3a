import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { build, type Plugin, type Rolldown } from 'vite';

const WORKER = 'src/offline/worker.ts';
const PUBLIC = 'public';
/** What the app does without: words for the server, and for those who look into the folder. */
const NOT_THE_APP = ['csp.json', 'licences.txt', 'index.html', 'read.html'];

type Shell = { version: string; files: readonly string[] };

/** Builds the service worker into /sw.js, with the list of the files that the app consists of. */
export function offline(): Plugin {
  return {
    name: 'bookreader:offline',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      async handler(_, bundle) {
        this.emitFile({ type: 'asset', fileName: 'sw.js', source: await worker(shellOf(bundle)) });
      },
    },
  };
}

/** The app's addresses, and a name that changes when any of the files does. */
export function shellOf(bundle: Rolldown.OutputBundle): Shell {
  const made = Object.keys(bundle).filter((name) => !NOT_THE_APP.includes(name));
  const given = readdirSync(PUBLIC, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = given.map((entry) => `${entry.parentPath}/${entry.name}`);
  const files = ['/', ...made.map((name) => `/${name}`), ...paths.map((path) => path.slice(PUBLIC.length))].sort();
  const hash = createHash('sha256').update(files.join('\n'));
  // The names of what is built change with it; those of the page and of what is given do not.
  const page = bundle['index.html'];
  if (page?.type === 'asset') hash.update(page.source);
  for (const path of paths) hash.update(readFileSync(path));
  return { version: hash.digest('hex').slice(0, 12), files };
}

async function worker(shell: Shell): Promise<string> {
  const made = await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: { __SHELL__: JSON.stringify(shell) },
    build: { write: false, target: 'es2022', lib: { entry: WORKER, formats: ['iife'], name: 'offline' } },
  });
  const [output] = (Array.isArray(made) ? made : [made]) as Rolldown.RolldownOutput[];
  const chunk = output?.output[0];
  if (!chunk) throw new Error(`${WORKER} made no script.`);
  return chunk.code;
}
