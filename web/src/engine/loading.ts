import type { Reason } from './types';

/** After this a chapter that is not there is asked for once more, to learn why; at the limit it is given up. Milliseconds. */
const DOUBT = 1500;
const LIMIT = 20_000;

/**
 * Waits for a chapter to be shown. Answers the reason when it was not, else null. `refused` resolves when the frame has no
 * document of ours; a frame that merely waits says nothing, so after a while the address is asked for directly.
 */
export async function reasonOf(shown: Promise<unknown>, refused: Promise<unknown>, address: () => string | null): Promise<Reason | null> {
  const clock = new Clock();
  const done = shown.then(() => 'shown' as const);
  const lost = refused.then(() => 'refused' as const);
  try {
    const first = await Promise.race([lost, done, clock.after(DOUBT, 'doubt' as const)]);
    if (first === 'shown') return null;
    const asked = address();
    const found = asked === null ? null : await ask(asked);
    if (first === 'refused') return found ?? 'server';
    if (found) return found;
    const last = await Promise.race([lost, done, clock.after(LIMIT - DOUBT, 'slow' as const)]);
    return last === 'shown' ? null : last === 'refused' ? 'server' : last;
  } finally {
    clock.stop();
  }
}

/** Why an address cannot be had; null when it can. */
export async function ask(address: string): Promise<Reason | null> {
  try {
    const answer = await fetch(address, { cache: 'no-cache' });
    return answer.ok ? null : reasonOfStatus(answer.status);
  } catch {
    return 'offline';
  }
}

export function reasonOfStatus(status: number): Reason {
  if (status === 401 || status === 403) return 'signed_out';
  return status >= 400 && status < 500 ? 'missing' : 'server';
}

class Clock {
  readonly #timers: ReturnType<typeof setTimeout>[] = [];

  after<T>(milliseconds: number, value: T): Promise<T> {
    return new Promise((resolve) => this.#timers.push(setTimeout(() => resolve(value), milliseconds)));
  }

  stop(): void {
    this.#timers.forEach(clearTimeout);
  }
}
