/** An event of the server: a job moved on, or another device saved a place. */
export type LiveEvent = { type: 'job' | 'place'; book?: string; [more: string]: unknown };

/**
 * Listens to the server's events and calls back; also calls once with null whenever the connection is (re)made, because
 * events may have been missed before. Returns how to stop. Where events do not get through, callers poll.
 */
export function listen(heard: (event: LiveEvent | null) => void): () => void {
  const source = new EventSource('/api/v1/events');
  const pass = (message: MessageEvent<string>): void => heard(JSON.parse(message.data) as LiveEvent);
  source.addEventListener('job', pass);
  source.addEventListener('place', pass);
  source.addEventListener('open', () => heard(null));
  return () => source.close();
}
