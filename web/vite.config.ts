import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { foliate } from './plugins/foliate.ts';
import { licences } from './plugins/licences.ts';
import { offline } from './plugins/offline.ts';
import { packed } from './plugins/packed.ts';
import { policy } from './plugins/policy.ts';
import { readingChunks, readingPage } from './plugins/reading.ts';
import { systemTheme } from './plugins/system-theme.ts';

const server = process.env.BOOKREADER_SERVER ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [svelte(), systemTheme(), foliate(), policy(), licences(), readingPage(), offline(), packed()],
  server: { host: '127.0.0.1', proxy: { '/api': { target: server, changeOrigin: false } } },
  build: {
    outDir: '../src/bookreader/static',
    emptyOutDir: true,
    target: 'es2022',
    // Data addresses would be refused for fonts and scripts by the page's policy, and make the first file larger.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: readingChunks } },
    chunkSizeWarningLimit: 120,
  },
});
