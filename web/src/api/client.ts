import { heard } from './away.svelte';
import { KEPT_AT } from './header';
import { offline, problemOf } from './problem';
import type { paths } from './types';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Operation<P extends keyof paths, M extends Method> = paths[P][M];
export type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P][M] extends { responses: unknown } ? P : never;
}[keyof paths];

type Json<T> = T extends { content: { 'application/json': infer B } } ? B : never;
type Answer<O> = O extends { responses: infer R } ? { [S in keyof R]: S extends 200 | 201 | 202 ? Json<R[S]> : never }[keyof R] : never;
type PathOf<O> = O extends { parameters: { path: infer V } } ? { path: V } : { path?: never };
type QueryOf<O> = O extends { parameters: { query?: infer V } } ? { query?: V } : { query?: never };
type BodyOf<O> = O extends { requestBody: { content: { 'application/json': infer B } } }
  ? { body: B }
  : O extends { requestBody?: { content: { 'application/json': infer B } } }
    ? { body?: B }
    : { body?: never };
type More = { signal?: AbortSignal; keepalive?: boolean };
type Options<O> = PathOf<O> & QueryOf<O> & BodyOf<O> & More;
type Rest<O> = Record<never, never> extends Options<O> ? [options?: Options<O>] : [options: Options<O>];

type Raw = { path?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown } & More;

const listeners = new Set<() => void>();

/** Calls back when the server says that nobody is signed in (any more). */
export function onSignedOut(listener: () => void): void {
  listeners.add(listener);
}

/** Calls the API. Rejects with `Problem`: the server's own, or `offline` when it cannot be reached. */
export function call<M extends Method, P extends PathsWith<M>>(
  method: M,
  path: P,
  ...rest: Rest<Operation<P, M>>
): Promise<Answer<Operation<P, M>>> {
  const [options = {}] = rest as [Raw?];
  return send(method, path, options) as Promise<never>;
}

async function send(method: Method, path: string, raw: Raw): Promise<unknown> {
  const address = addressOf(path, raw);
  if (method === 'get' && given.has(address)) return take(address);
  const response = await reach(address, {
    method: method.toUpperCase(),
    headers: raw.body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: raw.body === undefined ? null : JSON.stringify(raw.body),
    keepalive: raw.keepalive ?? false,
    signal: raw.signal ?? null,
  });
  return answerOf(response);
}

/** Answers that the server put into the page, by address. Each is good once: whoever asks again wants to know what is true now. */
const given = new Map<string, unknown>(Object.entries(JSON.parse(globalThis.document?.getElementById('answers')?.textContent || '{}') as object));

function take(address: string): unknown {
  const answer = given.get(address);
  given.delete(address);
  return answer;
}

/** Sends a file as it is, where the API takes one as its body. Rejects as `call` does. */
export async function sendFile(method: 'PUT' | 'POST', address: string, file: File): Promise<void> {
  await answerOf(await reach(address, { method, body: file }));
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.ok) return text === '' ? undefined : JSON.parse(text);
  const problem = problemOf(response.status, text);
  if (problem.code === 'not_signed_in') listeners.forEach((listener) => listener());
  throw problem;
}

/** The address of an API path with its values, for links, pictures and uploads. */
export function addressOf(path: string, { path: values = {}, query = {} }: Pick<Raw, 'path' | 'query'> = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return search.size === 0 ? filled : `${filled}?${search}`;
}

async function reach(address: string, init: RequestInit): Promise<Response> {
  try {
    const answer = await fetch(address, init);
    heard(!answer.headers.has(KEPT_AT));
    return answer;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    heard(false);
    throw offline();
  }
}
