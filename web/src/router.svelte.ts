import { type Match, matchPath } from './routes';

let found = $state<Match>(matchPath(location.pathname));
let search = $state(location.search);
let visits = $state(0);

/** The page for the current address, its parts, and how many pages were shown before it. */
export const route = {
  get match(): Match {
    return found;
  },
  get search(): URLSearchParams {
    return new URLSearchParams(search);
  },
  get visits(): number {
    return visits;
  },
};

/** Goes to an address of the app. */
export function go(address: string, { replace = false } = {}): void {
  keepScroll();
  history[replace ? 'replaceState' : 'pushState']({ scroll: 0 }, '', address);
  show(0);
}

/** Follows the app's own links without loading the page anew. Returns how to stop. */
export function startRouter(): () => void {
  history.scrollRestoration = 'manual';
  document.addEventListener('click', onClick);
  addEventListener('popstate', onPop);
  return () => {
    document.removeEventListener('click', onClick);
    removeEventListener('popstate', onPop);
  };
}

function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (link.pathname.startsWith('/api/') || /\.\w+$/.test(link.pathname)) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  go(link.pathname + link.search + link.hash);
}

function onPop(event: PopStateEvent): void {
  const state = event.state as { scroll?: number } | null;
  show(state?.scroll ?? 0);
}

function show(scroll: number): void {
  const before = found;
  found = matchPath(location.pathname);
  search = location.search;
  if (before.page === found.page && before.id === found.id) return;
  visits += 1;
  requestAnimationFrame(() => scrollTo(0, scroll));
}

function keepScroll(): void {
  history.replaceState({ scroll: scrollY }, '');
}
