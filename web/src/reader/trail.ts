/** Where the reader was before each jump, and where a way back came from. */
export type Trail<T> = { readonly back: readonly T[]; readonly forward: readonly T[] };

const LONGEST = 50;

export const noTrail: Trail<never> = { back: [], forward: [] };

/** The trail after a jump away from `from`: what lay ahead is forgotten. */
export function jumped<T>(trail: Trail<T>, from: T): Trail<T> {
  return { back: [...trail.back, from].slice(-LONGEST), forward: [] };
}

/** The way back from `here`: where to, and the trail then; null at its beginning. */
export function wentBack<T>(trail: Trail<T>, here: T): { to: T; trail: Trail<T> } | null {
  const to = trail.back.at(-1);
  return to === undefined ? null : { to, trail: { back: trail.back.slice(0, -1), forward: [...trail.forward, here] } };
}

export function wentForward<T>(trail: Trail<T>, here: T): { to: T; trail: Trail<T> } | null {
  const to = trail.forward.at(-1);
  return to === undefined ? null : { to, trail: { back: [...trail.back, here], forward: trail.forward.slice(0, -1) } };
}
