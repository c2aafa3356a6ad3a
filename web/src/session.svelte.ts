import { call, type Me, onBack, onSignedOut, Problem, server, type Site } from './api';
import { setLocale, setTimeZone } from './i18n';
import { matchPath } from './routes';
import { keysKept } from './ui/kept';

type State = { ready: boolean; me: Me | null; site: Site | null; problem: unknown };

const state = $state<State>({ ready: false, me: null, site: null, problem: null });

/** Who is signed in here, and what this installation says of itself. */
export const session = {
  get ready(): boolean {
    return state.ready;
  },
  get me(): Me | null {
    return state.me;
  },
  get site(): Site | null {
    return state.site;
  },
  get problem(): unknown {
    return state.problem;
  },
};

/** Asks the server once at the start. */
export async function startSession(): Promise<void> {
  state.problem = null;
  onSignedOut(() => {
    state.me = null;
    void ifKept((person) => person.lock());
  });
  onBack(() => void sendWaiting());
  try {
    const [site, me] = await Promise.all([call('get', '/api/v1/site'), whoAmI()]);
    state.site = site;
    if (me) signedIn(me);
    state.ready = true;
    if (me && !server.away) void sendWaiting();
  } catch (error) {
    state.problem = error;
  }
}

/** Takes over the person that the server answered, with language and time zone. */
export function signedIn(me: Me): void {
  state.me = me;
  setLocale(me.locale);
  setTimeZone(me.time_zone);
  if (state.site?.registration === 'first') void refreshSite();
  // Told by what is kept here, this person is no news to it.
  if (!server.away) void ifKept((person) => person.settle(me, state.site));
}

/** Signs out. What waits for the server is sent before, and what was kept on this device goes. */
export async function signOut(): Promise<void> {
  await sendWaiting('');
  try {
    await call('post', '/api/v1/auth/logout');
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401)) throw error;
  }
  state.me = null;
  await ifKept((person) => person.dropAll());
}

async function refreshSite(): Promise<void> {
  state.site = await call('get', '/api/v1/site');
}

async function whoAmI(): Promise<Me | null> {
  try {
    return await call('get', '/api/v1/me');
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

/** Places, marks and reading time that the server could not hear of. An open book tells its own. */
async function sendWaiting(open = openBook()): Promise<void> {
  if (keysKept().some((key) => /^bookreader\.(unsent|marks|changes|sessions)\b/.test(key))) await (await import('./reader')).sendWaiting(open);
}

function openBook(): string {
  const { page, id } = matchPath(location.pathname);
  return page === 'read' ? id : '';
}

/** Does something about the books kept on this device, where there are any. */
async function ifKept(act: (person: typeof import('./offline/person')) => Promise<void>): Promise<void> {
  if ('caches' in globalThis && (await caches.keys()).length > 0) await act(await import('./offline/person'));
}
