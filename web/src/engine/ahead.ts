let paginator: Promise<unknown> | null = null;

/** Fetches the part of the library for text that flows: nearly every book does, so it need not be known which one comes. */
export function fetchPaginator(): Promise<unknown> {
  if (paginator === null) {
    paginator = import('foliate-js/paginator.js');
    // Whoever waits for it hears of the failure; until then nobody has to.
    paginator.catch(() => undefined);
  }
  return paginator;
}
