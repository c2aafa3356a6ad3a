import type { Annotation } from '../api';
import { isRecord } from '../ui/kept';

export type Words = { colour: string | null; note: string | null };
/** What was done to a mark that the server has, while it did not answer: `of` is the mark as it was, `to` null when it was removed. */
export type Change = { of: Annotation; to: Words | null };
/** What is done about a change when the server answers: change or remove the mark, make it anew, or leave it as it is. */
export type Verdict = { do: 'change'; to: Words } | { do: 'remove' | 'leave' } | { do: 'make'; words: Words };

/** The marks as the changes leave them. */
export function withChanges(stored: readonly Annotation[], changes: readonly Change[]): readonly Annotation[] {
  return stored.flatMap((one) => {
    const change = changes.find(({ of }) => of.id === one.id);
    if (!change) return [one];
    return change.to ? [{ ...one, ...change.to }] : [];
  });
}

/** The changes after one more. A mark that is changed twice was, before both, what it was before the first. */
export function withChange(changes: readonly Change[], next: Change): readonly Change[] {
  const before = changes.find(({ of }) => of.id === next.of.id);
  return [...changes.filter((one) => one !== before), { of: before?.of ?? next.of, to: next.to }];
}

/** Neither what was written here nor what another device wrote meanwhile is lost. `now`: the mark as the server has it. */
export function verdictOn({ of, to }: Change, now: Annotation | undefined): Verdict {
  if (!now) return to?.note && to.note !== of.note ? { do: 'make', words: to } : { do: 'leave' };
  const rewritten = now.note !== of.note && !!now.note;
  if (!to) return { do: rewritten ? 'leave' : 'remove' };
  const own = to.note !== of.note;
  const both = rewritten && own && to.note && to.note !== now.note ? `${now.note}\n\n${to.note}` : null;
  return { do: 'change', to: { colour: to.colour, note: both ?? (own ? to.note : now.note) } };
}

/** What this page keeps from now on, with what another page of the same browser has stored meanwhile. */
export function joined<T>(before: readonly T[], next: readonly T[], stored: readonly T[], name: (one: T) => string): readonly T[] {
  const known = new Set([...before, ...next].map(name));
  return [...stored.filter((one) => !known.has(name(one))), ...next];
}

export function areChanges(value: unknown): value is Change[] {
  return Array.isArray(value) && value.every((each) => isRecord(each) && isRecord(each.of) && typeof each.of.id === 'string' && (each.to === null || isRecord(each.to)));
}
