import { MediaQuery } from 'svelte/reactivity';
import { keepText, keptText } from './kept';

export const THEMES = ['light', 'sepia', 'dark', 'system'] as const;
export type Theme = (typeof THEMES)[number];

const THEME = 'bookreader.theme';
const MOTION = 'bookreader.motion';
const COVER = 'bookreader.uncovered';

const night = new MediaQuery('prefers-color-scheme: dark');
const state = $state({
  theme: kept(THEME, THEMES, 'system'),
  motion: kept(MOTION, ['on', 'off'] as const, 'on'),
  uncovered: keptText(COVER),
});

/** How the app looks on this device; theme.js applies it before the first paint. */
export const look = {
  get theme(): Theme {
    return state.theme;
  },
  set theme(theme: Theme) {
    state.theme = theme;
    document.documentElement.dataset.theme = theme;
    keepText(THEME, theme);
  },
  /** The paper that shows: where the system decides, the one that it wants now. */
  get paper(): Exclude<Theme, 'system'> {
    return state.theme !== 'system' ? state.theme : night.current ? 'dark' : 'light';
  },
  get motion(): boolean {
    return state.motion === 'on';
  },
  set motion(on: boolean) {
    state.motion = on ? 'on' : 'off';
    document.documentElement.dataset.motion = state.motion;
    keepText(MOTION, state.motion);
  },
  /** Whether what lies after the furthest place read is covered: everywhere, unless a book was uncovered by choice. */
  get covers(): boolean {
    return state.uncovered !== 'all';
  },
  set covers(on: boolean) {
    keepUncovered(on ? '' : 'all');
  },
};

export function isUncovered(book: string): boolean {
  return state.uncovered === 'all' || state.uncovered.split(' ').includes(book);
}

export function setUncovered(book: string, on: boolean): void {
  const others = state.uncovered.split(' ').filter((id) => id && id !== book && id !== 'all');
  keepUncovered((on ? [...others, book] : others).slice(-200).join(' '));
}

function keepUncovered(value: string): void {
  state.uncovered = value;
  keepText(COVER, value);
}

function kept<T extends string>(key: string, allowed: readonly T[], otherwise: T): T {
  const value = keptText(key);
  return allowed.find((item) => item === value) ?? otherwise;
}
