/** The pages of the app, and which address shows which. */
export type PageName = 'shelf' | 'book' | 'read' | 'statistics' | 'account' | 'administration' | 'sign-in' | 'register' | 'reset' | 'not-found';
export type Match = { page: PageName; id: string };

const PAGES: readonly [RegExp, PageName][] = [
  [/^\/$/, 'shelf'],
  [/^\/books\/([\w-]+)\/?$/, 'book'],
  [/^\/read\/([\w-]+)\/?$/, 'read'],
  [/^\/statistics\/?$/, 'statistics'],
  [/^\/account\/?$/, 'account'],
  [/^\/administration(?:\/(readers|services|settings))?\/?$/, 'administration'],
  [/^\/sign-in\/?$/, 'sign-in'],
  [/^\/register\/?$/, 'register'],
  [/^\/reset\/?$/, 'reset'],
];

export function matchPath(path: string): Match {
  for (const [pattern, page] of PAGES) {
    const found = pattern.exec(path);
    if (found) return { page, id: found[1] ?? '' };
  }
  return { page: 'not-found', id: '' };
}

/** Pages for people who are not signed in. */
export const isDoor = (page: PageName): boolean => page === 'sign-in' || page === 'register' || page === 'reset';

/** Where to go after signing in: an address of this app only, else the shelf. */
export function safeReturn(wanted: string | null): string {
  return wanted && /^\/(?![/\\])/.test(wanted) && !isDoor(matchPath(wanted.split('?')[0] ?? '').page) ? wanted : '/';
}
