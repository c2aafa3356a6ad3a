import { type Book, call, type Description, type Manifest, type Offer, onBack, Problem, type Progress, server } from '../api';
import { listen } from '../api/live';
import { Engine, type Failure, type Handlers, type Locator, type Mark, type MarkInSight, type Move, openBook, type Place } from '../engine';
import { manifestOf, progressOf } from '../early';
import { deviceName } from '../ui/device';
import { Annotations } from './annotations.svelte';
import { Passages } from './passages.svelte';
import { Pictures } from './pictures.svelte';
import { ownPlace, Saver } from './saver';
import { startOf, toLocator } from './start';
import { ReadingTime } from './time';
import { jumped, noTrail, type Trail, wentBack, wentForward } from './trail';

/** Page turns after which the way back from a jump is no longer offered. */
const FORGET = 12;

type Phase = 'opening' | 'open' | 'failed';
type Own = 'drawn' | 'moved' | 'inSight' | 'failed';
type Shared = Omit<Handlers, Own>;

/** A book being read: its place, what is known of it, and the moves. */
export class Reading {
  readonly id: string;
  readonly pictures: Pictures;
  readonly passages: Passages;
  readonly annotations: Annotations;
  phase = $state<Phase>('opening');
  /** Whether there is text to look at, be its place known yet or not. */
  drawn = $state(false);
  problem = $state.raw<unknown>(null);
  manifest = $state.raw<Manifest | null>(null);
  facts = $state.raw<Book | null>(null);
  place = $state.raw<Place | null>(null);
  marks = $state.raw<readonly MarkInSight[]>([]);
  failure = $state.raw<Failure | null>(null);
  offer = $state.raw<Offer | null>(null);
  trail = $state.raw<Trail<Place>>(noTrail);
  engine = $state.raw<Engine | null>(null);
  /** The last chapter that was read in. */
  furthest = $state(1);
  /** Why the last wish was not granted, until it is read. */
  refused = $state.raw<unknown>(null);
  /** Words that were searched for, marked until pages are turned. */
  #pointed = $state.raw<{ mark: Mark; chapter: number } | null>(null);
  /** Hears that pages are turned, by whatever hand. */
  turned = (): void => undefined;
  /** Whether places wait in this browser because the server does not answer. */
  unsent = $state(false);

  readonly #saver: Saver;
  readonly #time: ReadingTime;
  #turns = 0;
  #moves = 0;
  #arrival: Promise<void> = Promise.resolve();
  #closers: (() => void)[] = [];
  #closed = false;

  constructor(id: string) {
    this.id = id;
    this.pictures = new Pictures(id);
    this.passages = new Passages(id);
    this.annotations = new Annotations(id);
    this.#saver = new Saver(
      id,
      (progress) => this.#heard(progress),
      (unsent) => (this.unsent = unsent),
    );
    this.#time = new ReadingTime(id);
  }

  /** Fetches what the first page needs and shows it. `ready` sets type and page before anything is drawn. */
  async open(host: HTMLElement, asked: URLSearchParams, handlers: Shared, ready: (engine: Engine) => void): Promise<void> {
    try {
      const [manifest, progress] = await Promise.all([manifestOf(this.id), this.#progress()]);
      this.manifest = manifest;
      const engine = await openBook(host, manifest, { ...handlers, ...this.#handlers() });
      if (this.#closed) return engine.close();
      this.engine = engine;
      ready(engine);
      await this.#start(engine, manifest, asked, progress);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
      this.phase = 'failed';
    }
  }

  next(): void {
    void this.engine?.next();
  }

  previous(): void {
    void this.engine?.previous();
  }

  /** Jumps, and remembers where from. Resolves when it has arrived. */
  jump(to: Locator): Promise<void> {
    return this.#go(to, (from) => jumped(this.trail, from));
  }

  back(): Promise<void> {
    return this.#follow(wentBack);
  }

  forward(): Promise<void> {
    return this.#follow(wentForward);
  }

  acceptOffer(): void {
    const { offer } = this;
    this.offer = null;
    if (offer) void this.jump(toLocator(offer));
  }

  /** Stays: this device's place becomes the current one. */
  declineOffer(): void {
    this.offer = null;
    if (this.place) this.#saver.moved(this.place, true);
  }

  /** Everything that is drawn in a chapter. */
  marksOf(chapter: number, label: (quote: string) => string, offer: (passage: Description) => string): readonly Mark[] {
    const pictures = this.pictures.marks(chapter, (one) => label(one.quote.trim().slice(0, 80)));
    const passages = this.passages.marks(chapter, offer).filter((mark) => this.barePassage(mark.id));
    const found = this.#pointed?.chapter === chapter ? [this.#pointed.mark] : [];
    return [...this.annotations.marks(chapter), ...found, ...pictures, ...passages];
  }

  /** A passage that has no picture. Both lists are asked for at once; the pictures' answer may come first. */
  barePassage(id: string): Description | null {
    return this.pictures.all.some((one) => one.description_id === id) ? null : this.passages.byId(id);
  }

  /** Something was ordered, drawn, chosen or deleted. */
  picturesChanged(): void {
    void Promise.all([this.pictures.load(), this.passages.load()]);
  }

  /** Shows where something stands, until pages are turned. */
  point(mark: Mark, chapter: number): void {
    this.#pointed = { mark, chapter };
  }

  bookmark(): void {
    if (!this.place) return;
    const { chapter, cfi, quote } = this.place;
    void this.annotations.add({ kind: 'bookmark', chapter, cfi, quote, colour: null, note: null });
  }

  async unmark(id: string): Promise<void> {
    try {
      await this.annotations.remove(id);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.refused = error;
    }
  }

  retry(): void {
    const { failure } = this;
    this.failure = null;
    if (failure) void this.jump({ chapter: failure.chapter });
  }

  /** Something that shows that a person is there. */
  active(): void {
    if (this.phase === 'open') this.#time.active();
  }

  close(): void {
    this.#closed = true;
    this.#closers.forEach((close) => close());
    this.#saver.close();
    this.#time.close();
    this.engine?.close();
  }

  async #start(engine: Engine, manifest: Manifest, asked: URLSearchParams, progress: Progress | null): Promise<void> {
    const first = manifest.sections.find((section) => section.linear)?.number ?? 1;
    const start = startOf({ asked, own: ownPlace(this.id), waiting: this.#saver.waiting > 0, progress, old: server.away, first });
    if (progress) this.#heard(start.jumped || server.away ? { ...progress, offer: null } : progress);
    await engine.goTo(start.to);
    this.phase = 'open';
    this.furthest = Math.max(this.furthest, first);
    // Whoever only opens a book again has not moved; a first page or a place asked for is a move.
    if (this.place && (start.fresh || start.jumped)) this.#saver.moved(this.place, start.jumped);
    this.#time.active();
    this.#watch();
    void Promise.all([this.pictures.load(), this.annotations.load(), this.#loadFacts()]);
    if (this.place) this.passages.enter(this.place.chapter);
    // What came along with the page passed by the worker, which keeps the newest of a kept book.
    if (navigator.serviceWorker?.controller) void this.#progress().catch(() => null);
  }

  #handlers(): Pick<Handlers, Own> {
    return {
      drawn: () => (this.drawn = true),
      moved: (place, how) => this.#moved(place, how),
      inSight: (marks) => {
        this.marks = marks;
        this.pictures.saw(marks.map((mark) => mark.id));
      },
      failed: (failure) => (this.failure = failure),
    };
  }

  #moved(place: Place, how: Move): void {
    this.place = place;
    if (this.phase !== 'open' || how === 'layout') return;
    this.passages.enter(place.chapter);
    // Whoever only looks ahead has not read up to there; turning pages there is reading.
    if (how === 'turn') {
      this.#read(place);
      this.#pointed = null;
      this.turned();
    }
    this.failure = null;
    this.pictures.settle();
    this.#time.active();
    this.#saver.moved(place, how === 'jump');
    this.#turns = how === 'turn' ? this.#turns + 1 : 0;
    if (this.#turns > FORGET) this.trail = noTrail;
  }

  #read(place: Place): void {
    this.furthest = Math.max(this.furthest, place.chapter);
    this.pictures.readTo(place);
  }

  /** From where the move under way arrives: who goes back at once means the way that it makes. */
  async #follow(along: typeof wentBack<Place>): Promise<void> {
    await this.#arrival;
    const way = this.place && along(this.trail, this.place);
    if (way) await this.#go(way.to, () => way.trail);
  }

  /** Goes there; `trail` is the one after that, from the place before. What did not arrive leaves none. */
  #go(to: Locator, trail: (from: Place) => Trail<Place>): Promise<void> {
    return (this.#arrival = this.#move(to, trail));
  }

  async #move(to: Locator, trail: (from: Place) => Trail<Place>): Promise<void> {
    const from = this.place;
    const move = (this.#moves += 1);
    await this.engine?.goTo(to);
    if (move !== this.#moves || from === null || this.place?.cfi === from.cfi) return;
    this.trail = trail(from);
    this.#turns = 0;
  }

  #heard(progress: Progress): void {
    this.offer = progress.offer ?? null;
    this.furthest = Math.max(this.furthest, progress.furthest?.chapter ?? 1);
  }

  async #progress(): Promise<Progress | null> {
    try {
      return await progressOf(this.id);
    } catch (error) {
      // Without the server's answer this device opens where it was.
      if (error instanceof Problem && (error.status === 0 || error.status >= 500)) return null;
      throw error;
    }
  }

  async #loadFacts(): Promise<void> {
    try {
      this.facts = await call('get', '/api/v1/books/{book_id}', { path: { book_id: this.id } });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }

  /** Follows what the server tells, and the page's coming and going. */
  #watch(): void {
    const onVisible = (): void => {
      if (document.visibilityState === 'hidden') this.#leave();
      else void this.#look();
    };
    const onLeave = (): void => this.#leave();
    document.addEventListener('visibilitychange', onVisible);
    addEventListener('pagehide', onLeave);
    const stop = listen((event) => {
      if (event === null || event.book !== this.id) return;
      if (event.type === 'job') this.picturesChanged();
      else if (event.device !== deviceName()) void this.#look();
    });
    this.#closers.push(stop, onBack(() => this.#hurry()), () => {
      document.removeEventListener('visibilitychange', onVisible);
      removeEventListener('pagehide', onLeave);
    });
  }

  /** The server answers again: it hears what waits, and is asked what other devices did. */
  #hurry(): void {
    this.#saver.hurry();
    this.#time.hurry();
    if (this.#saver.waiting === 0) void this.#look();
    void Promise.all([this.annotations.load(), this.pictures.load()]);
  }

  #leave(): void {
    this.#saver.flush();
    this.#time.end(true);
  }

  async #look(): Promise<void> {
    const progress = await this.#progress().catch((error: unknown) => {
      if (error instanceof Problem) return null;
      throw error;
    });
    if (progress && !server.away) this.#heard(progress);
  }
}
