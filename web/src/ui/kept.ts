/** What this browser keeps between visits. It may be full or forbidden: then nothing is kept, and nothing breaks. */
export function keep(key: string, value: unknown): void {
  if (value === null) quietly(() => localStorage.removeItem(key));
  else keepText(key, JSON.stringify(value));
}

export function keepText(key: string, text: string): void {
  quietly(() => localStorage.setItem(key, text));
}

export function keptText(key: string): string {
  let text = '';
  quietly(() => (text = globalThis.localStorage?.getItem(key) ?? ''));
  return text;
}

/** Everything that has something kept under it. */
export function keysKept(): readonly string[] {
  let keys: readonly string[] = [];
  quietly(() => (keys = Object.keys(globalThis.localStorage ?? {})));
  return keys;
}

/** What was kept under a key and still has the wanted form; else null. */
export function kept<T>(key: string, fits: (value: unknown) => value is T): T | null {
  try {
    const value: unknown = JSON.parse(keptText(key) || 'null');
    return fits(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function quietly(act: () => void): void {
  try {
    act();
  } catch (error) {
    // QuotaExceededError or SecurityError; both are the browser's decision, and reading goes on.
    if (!(error instanceof DOMException)) throw error;
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
