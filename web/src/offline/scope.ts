/** What a service worker's global scope has beside a page's; the compiler's own list of it contradicts that of pages. */
export interface Lasting extends Event {
  waitUntil(task: Promise<unknown>): void;
}

export interface Asked extends Lasting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

export interface Told extends Lasting {
  readonly data: unknown;
}

type Events = { install: Lasting; activate: Lasting; fetch: Asked; message: Told };

export interface Scope {
  readonly location: Location;
  readonly clients: { matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly unknown[]>; claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener<K extends keyof Events>(type: K, listener: (event: Events[K]) => void): void;
}
