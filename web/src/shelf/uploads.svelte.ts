import { Problem } from '../api';
import { upload } from '../api/upload';
import { refreshJobs } from '../jobs/jobs.svelte';

/** A file on its way to the shelf. `taken` = the server has it and works on it as book `book`. */
export type Upload = {
  readonly key: number;
  readonly name: string;
  readonly size: number;
  state: 'waiting' | 'sending' | 'checking' | 'taken' | 'refused';
  sent: number;
  book: string;
  error: Problem | null;
};

const PARALLEL = 2;

/** Uploads outlive the page that began them: reading goes on while files arrive. */
export const uploads = $state<{ items: Upload[] }>({ items: [] });

// Nothing is shown from this, so it needs not be reactive.
// eslint-disable-next-line svelte/prefer-svelte-reactivity
const files = new Map<number, { file: File; abort: AbortController }>();
let keys = 0;

export function addFiles(chosen: Iterable<File>): void {
  for (const file of chosen) {
    keys += 1;
    uploads.items.push({ key: keys, name: file.name, size: file.size, state: 'waiting', sent: 0, book: '', error: null });
    files.set(keys, { file, abort: new AbortController() });
  }
  next();
}

/** Stops an upload, or takes its finished line away. */
export function dismiss(key: number): void {
  files.get(key)?.abort.abort();
  files.delete(key);
  uploads.items = uploads.items.filter((item) => item.key !== key);
  next();
}

function next(): void {
  const running = uploads.items.filter((item) => item.state === 'sending' || item.state === 'checking').length;
  const waiting = uploads.items.filter((item) => item.state === 'waiting');
  for (const item of waiting.slice(0, Math.max(0, PARALLEL - running))) void send(item);
}

async function send(item: Upload): Promise<void> {
  const own = files.get(item.key);
  if (!own) return;
  item.state = 'sending';
  const sent = (bytes: number): void => {
    item.sent = bytes;
    if (bytes >= item.size) item.state = 'checking';
  };
  try {
    item.book = (await upload(own.file, sent, own.abort.signal)).id;
    item.state = 'taken';
    await refreshJobs();
  } catch (error) {
    if (error instanceof Problem) refuse(item, error);
  } finally {
    files.delete(item.key);
    next();
  }
}

function refuse(item: Upload, error: Problem): void {
  item.state = 'refused';
  item.error = error;
  if (error.code === 'duplicate_book' && typeof error.more.id === 'string') item.book = error.more.id;
}
