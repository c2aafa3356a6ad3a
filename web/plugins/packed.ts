import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const TEXT = /\.(js|css|svg)$/;
/** Bytes below which a file fills one packet either way. */
const LEAST = 1200;

/** Puts beside each larger text file a packed one, which the server sends to browsers that can unpack it. */
export function packed(): Plugin {
  let folder = '';
  return {
    name: 'bookreader:packed',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    writeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
          if (entry.isFile() && TEXT.test(entry.name)) pack(join(entry.parentPath, entry.name));
        }
      },
    },
  };
}

function pack(file: string): void {
  const data = readFileSync(file);
  if (data.length >= LEAST) writeFileSync(`${file}.gz`, gzipSync(data, { level: constants.Z_BEST_COMPRESSION }));
}
