import { explain } from '../ui/problems';

/** What the server was asked for: the answer once it is there, or why there is none. */
export type Asked<T> = { readonly value: T | null; readonly failure: string; again(): Promise<void> };

export function asked<T>(ask: () => Promise<T>): Asked<T> {
  let value = $state.raw<T | null>(null);
  let failure = $state('');
  return {
    get value() {
      return value;
    },
    get failure() {
      return failure;
    },
    async again() {
      try {
        value = await ask();
        failure = '';
      } catch (error) {
        failure = explain(error);
      }
    },
  };
}
