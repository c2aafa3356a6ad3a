import { call, type Me, onSignedOut, Problem, type Site } from './api';
import { setLocale, setTimeZone } from './i18n';

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
  onSignedOut(() => (state.me = null));
  try {
    const [site, me] = await Promise.all([call('get', '/api/v1/site'), whoAmI()]);
    state.site = site;
    if (me) signedIn(me);
    state.ready = true;
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
}

export async function signOut(): Promise<void> {
  try {
    await call('post', '/api/v1/auth/logout');
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401)) throw error;
  }
  state.me = null;
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
