/** How soon a server that did not answer is asked again, and how patient it gets. Milliseconds. */
const [FIRST, LAST] = [3000, 30_000];
const PATIENCE = 8000;

let away = $state(false);
let pause = FIRST;
let timer: ReturnType<typeof setTimeout> | undefined;
let listeners: readonly (() => void)[] = [];

/** Whether the server did not answer when it was asked last; what is shown then was kept on this device. */
export const server = {
  get away(): boolean {
    return away;
  },
};

/** Calls back whenever the server answers again. Returns how to stop. */
export function onBack(listener: () => void): () => unknown {
  listeners = [...listeners, listener];
  return () => (listeners = listeners.filter((each) => each !== listener));
}

/** Told of every answer, and of every one that did not come. */
export function heard(answered: boolean): void {
  if (answered === !away) return;
  away = !answered;
  if (away) {
    pause = FIRST;
    plan();
    addEventListener('online', look);
  } else {
    clearTimeout(timer);
    removeEventListener('online', look);
    listeners.forEach((listener) => listener());
  }
}

function plan(): void {
  clearTimeout(timer);
  timer = setTimeout(look, pause);
  pause = Math.min(LAST, pause * 2);
}

function look(): void {
  clearTimeout(timer);
  void isThere().then((there) => {
    if (there) heard(true);
    else if (away) plan();
  });
}

/** Asks the server itself: what is fetched without any store is never answered from what is kept. */
async function isThere(): Promise<boolean> {
  try {
    return (await fetch('/api/v1/site', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) })).ok;
  } catch {
    return false;
  }
}
