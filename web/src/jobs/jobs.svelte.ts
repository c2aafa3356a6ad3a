import { call, type Job, Problem } from '../api';
import { listen } from '../api/live';

const PAUSE = 400;
const POLL = 2500;

let jobs = $state.raw<readonly Job[]>([]);
let known = $state(false);

/** The newest jobs of the person, kept current while somebody watches. */
export const work = {
  get jobs(): readonly Job[] {
    return jobs;
  },
  get known(): boolean {
    return known;
  },
  of(book: string): readonly Job[] {
    return jobs.filter((job) => job.book === book);
  },
};

let watchers = 0;
let stop = (): void => undefined;

/** Keeps `work` current until the returned function is called: by the server's events, and by asking where none come. */
export function watchJobs(): () => void {
  watchers += 1;
  if (watchers === 1) stop = start();
  return () => {
    watchers -= 1;
    if (watchers === 0) stop();
  };
}

/** Asks for the jobs now, as after an upload. */
export async function refreshJobs(): Promise<void> {
  try {
    jobs = (await call('get', '/api/v1/jobs', { query: { limit: 200 } })).items;
    known = true;
  } catch (error) {
    // Without an answer the last state stands; the next event or turn of the clock asks again.
    if (!(error instanceof Problem)) throw error;
  }
}

function start(): () => void {
  let planned: ReturnType<typeof setTimeout> | null = null;
  const plan = (): void => {
    planned ??= setTimeout(() => {
      planned = null;
      void refreshJobs();
    }, PAUSE);
  };
  const close = listen((event) => {
    if (event === null || event.type === 'job') plan();
  });
  const clock = setInterval(() => {
    if (jobs.some((job) => job.state === 'queued' || job.state === 'running')) plan();
  }, POLL);
  void refreshJobs();
  return () => {
    close();
    clearInterval(clock);
    if (planned !== null) clearTimeout(planned);
  };
}
