/** Loads documents in frames that are never shown, because a plain fetch would not warm the cache that frames use. */
export class Prefetch {
  readonly #known = new Map<string, Promise<boolean>>();
  readonly #missing = new Set<string>();
  readonly #frames = new Set<HTMLIFrameElement>();

  /** Loads a document ahead, once. Resolves to whether it came; what did not come is asked for again the next time. */
  load(address: string): Promise<boolean> {
    const known = this.#known.get(address);
    if (known) return known;
    const came = this.#frame(address).then((doc) => this.#note(address, doc));
    this.#known.set(address, came);
    return came;
  }

  /** A document is loaded ahead by somebody else, who is told to give it up when it does not come. */
  hear(address: string, came: Promise<Document | null>, giveUp: () => void): void {
    void came.then((doc) => this.#note(address, doc) || giveUp());
  }

  /** Whether a document did not come when it was asked for last. */
  isMissing(address: string): boolean {
    return this.#missing.has(address);
  }

  stop(): void {
    this.#frames.forEach((frame) => frame.remove());
    this.#frames.clear();
  }

  /** Remembers whether a document came; what did not is asked for again. */
  #note(address: string, doc: Document | null): boolean {
    const good = isDocument(doc);
    this.#missing[good ? 'delete' : 'add'](address);
    if (!good) this.#known.delete(address);
    return good;
  }

  #frame(address: string): Promise<Document | null> {
    const frame = document.createElement('iframe');
    // Nothing in it runs and nobody finds it.
    Object.assign(frame, { hidden: true, tabIndex: -1, ariaHidden: 'true' });
    frame.setAttribute('sandbox', 'allow-same-origin');
    const loaded = new Promise<Document | null>((resolve) => {
      frame.addEventListener('load', () => {
        resolve(frame.contentDocument);
        frame.remove();
        this.#frames.delete(frame);
      });
    });
    frame.src = address;
    this.#frames.add(frame);
    document.body.append(frame);
    return loaded;
  }
}

/** Whether a frame shows a document of a book, and not the server's or the browser's word that there is none. */
export function isDocument(doc: Document | null): doc is Document {
  return doc !== null && /\b(xhtml|svg)\b/.test(doc.contentType);
}
