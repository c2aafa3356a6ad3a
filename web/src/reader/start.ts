import type { Place as ServerPlace, Progress } from '../api';
import type { Locator, Place } from '../engine';

/** Where a book opens. `jumped`: somebody asked for the place, so it is a move of its own. */
export type Start = { to: Locator; jumped: boolean; fresh: boolean };

type Known = {
  /** What the address asks for. */
  asked: URLSearchParams;
  /** Where this device was last. */
  own: Place | null;
  /** Whether places of this device wait for the server: then it knows less than this device. */
  waiting: boolean;
  progress: Progress | null;
  /** Whether `progress` was kept on this device: then this device knows at least as much. */
  old: boolean;
  first: number;
};

/**
 * The place to open at: what was asked for, else where this device was when another one has moved on (the other place is
 * offered, never jumped to), else what the server holds as the current place.
 */
export function startOf({ asked, own, waiting, progress, old, first }: Known): Start {
  const wanted = askedPlace(asked);
  if (wanted) return { to: wanted, jumped: true, fresh: false };
  const current = progress?.current ?? null;
  if (own && (waiting || old || current === null || progress?.offer)) return { to: own, jumped: false, fresh: false };
  if (current) return { to: toLocator(current), jumped: false, fresh: false };
  return { to: { chapter: first }, jumped: false, fresh: true };
}

export function toLocator({ chapter, cfi, quote }: Pick<ServerPlace, 'chapter' | 'cfi' | 'quote'>): Locator {
  return { chapter, cfi, quote };
}

function askedPlace(asked: URLSearchParams): Locator | null {
  const chapter = Number(asked.get('chapter'));
  const cfi = asked.get('cfi');
  if (!Number.isInteger(chapter) || chapter < 1) return null;
  return { chapter, cfi: cfi?.startsWith('epubcfi(') ? cfi : null };
}
