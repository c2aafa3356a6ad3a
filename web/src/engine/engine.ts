import { addressOf, targetOf } from './address';
import { markBlocks } from './blocks';
import { cfiOf, chapterOf } from './cfi';
import type { Paged } from './dragging';
import { putFigures } from './figures';
import { fit } from './fit';
import { firstImage } from './images';
import { boxInHost, isSideways, listen, listenBeside, listenToWheel, type Seen } from './input';
import { Layer } from './layer';
import { reasonOf } from './loading';
import { after, nextFrame } from './moments';
import { documentAt, isNoteReference, noteIn } from './notes';
import { anchorOf, fixedPlaceOf, placeOf } from './places';
import { isDocument, Prefetch } from './prefetch';
import { neighbour } from './progress';
import { Queue } from './queue';
import { reachWhatIsIn } from './reach';
import { cutPages, isFixed, type Loaded, makeRenderer, type Overlaid, prepareRenderer, type Relocated, type Renderer, tellPageSize } from './renderer';
import { isInSight, type Sight, sightOf } from './sight';
import { listenToTables } from './tables';
import { textOf } from './text';
import type { Failure, Figure, Handlers, Image, Layout, Locator, Mark, MarkInSight, Move, Place, Publication, Reason, Section, Selected } from './types';

/** Px of a screen that stay in sight when scrolled text moves by a screen. */
const OVERLAP = 48;
/** Px that a finger has to pull at the end of scrolled text to come to the next chapter. */
const PULL = 70;

const MOST_TRIES = 15;
/** Milliseconds after which the next chapter is loaded ahead: the page in sight comes first. */
const AHEAD = 60;
/** Milliseconds that a page waits for its fonts before it is taken as it stands. */
const FONTS = 1000;
const forever = new Promise<never>(() => undefined);

/** Opens a book in an element. Nothing is shown before `goTo`. */
export async function openBook(host: HTMLElement, book: Publication, handlers: Handlers): Promise<Engine> {
  await prepareRenderer(book);
  return new Engine(host, book, handlers);
}

export class Engine {
  readonly #host: HTMLElement;
  readonly #book: Publication;
  readonly #on: Handlers;
  readonly #queue = new Queue();
  readonly #prefetch = new Prefetch();
  readonly #seen: Seen;
  #renderer: Renderer;
  #layer: Layer | null = null;
  #layout: Layout | null = null;
  #styles: [string, string] = ['', ''];
  #marks: { chapter: number; marks: readonly Mark[] } = { chapter: 0, marks: [] };
  #figures: { chapter: number; figures: readonly Figure[] } = { chapter: 0, figures: [] };
  #place: Place | null = null;
  #shownChapter = 0;
  #jumping = false;
  /** Says that the chapter did not come; what the renderer shows then is not the book. */
  #refuse = (): void => undefined;
  #refused = false;
  #moving = false;
  /** What the renderer told last while a move was made. */
  #told: Relocated | null = null;
  /** The words on the page. */
  #words: Range | null = null;
  #loaded = false;
  /** Whether the lines of the chapter run from top to bottom. */
  #vertical = false;
  /** Whether such lines follow each other from right to left. */
  #leftwards = false;
  #asked: string | null = null;
  #closed = false;

  constructor(host: HTMLElement, book: Publication, handlers: Handlers) {
    this.#host = host;
    this.#book = book;
    this.#on = handlers;
    this.#seen = this.#makeSeen();
    this.#renderer = this.#makeRenderer();
    listenBeside(host, this.#seen);
  }

  /** Where the reader is; null before the first page. */
  get place(): Place | null {
    return this.#place;
  }

  /** Goes to a place. Page turns that have not begun are forgotten. */
  goTo(to: Locator): Promise<void> {
    this.#queue.drop();
    return this.#queue.add(() => this.#jump(to));
  }

  next(): Promise<void> {
    return this.#queue.add(() => this.#turn(1));
  }

  previous(): Promise<void> {
    return this.#queue.add(() => this.#turn(-1));
  }

  /** Sets the two style sheets of every chapter: one below and one above the book's own. */
  setStyles(styles: [string, string]): void {
    this.#styles = styles;
    this.#renderer.setStyles?.(styles);
  }

  setLayout(layout: Layout): void {
    this.#layout = layout;
    if (!isFixed(this.#book)) cutPages(this.#renderer, layout, this.#vertical);
  }

  /** Draws the marks of a chapter, now or when it is shown. */
  setMarks(chapter: number, marks: readonly Mark[]): void {
    this.#marks = { chapter, marks };
    if (this.#place?.chapter === chapter || this.#shownChapter === chapter) this.#drawMarks();
  }

  /** Puts pictures into the text of a chapter, each below the paragraph that its passage ends in, now or when it is shown. */
  setFigures(chapter: number, figures: readonly Figure[]): void {
    this.#figures = { chapter, figures };
    if (this.#shownChapter === chapter) this.#putFigures();
  }

  /** The paragraphs of a note; empty where there is none to show. */
  async note(chapter: number, id: string): Promise<readonly string[]> {
    const section = this.#section(chapter);
    const doc = chapter === this.#shownChapter ? this.#doc : section && (await documentAt(addressOf(this.#book, section.href)));
    return doc ? noteIn(doc, id) : [];
  }

  /** Moves scrolled text on by pixels; at its end nothing happens. */
  scrollBy(pixels: number): void {
    if (this.#scrolled) this.#renderer.containerPosition += this.#leftwards ? -pixels : pixels;
  }

  /** The first picture of the book that is in sight. */
  image(): Image | null {
    const sight = this.#sight();
    return sight && firstImage(sight.doc, (box) => isInSight(sight, box));
  }

  /** A wheel turned over something beside the page turns the page as well. */
  hearWheel(beside: HTMLElement): void {
    listenToWheel(beside, this.#seen);
  }

  /** Puts the keyboard into the text. */
  focus(): void {
    this.#doc?.defaultView?.focus();
  }

  clearSelection(): void {
    this.#doc?.getSelection()?.removeAllRanges();
  }

  close(): void {
    this.#closed = true;
    this.#queue.drop();
    this.#prefetch.stop();
    this.#drop(this.#renderer);
  }

  get #doc(): Document | null {
    return this.#renderer.getContents()[0]?.doc ?? null;
  }

  #section(chapter: number): Section | undefined {
    return this.#book.sections.find((section) => section.number === chapter);
  }

  #makeRenderer(): Renderer {
    const renderer = makeRenderer(this.#book, (address) => (this.#asked = address));
    // One that was given up goes on for a while; what it says is no longer of interest.
    const hear = <T>(name: string, then: (detail: T) => void): void =>
      renderer.addEventListener(name, (event) => {
        if (renderer === this.#renderer) then((event as CustomEvent<T>).detail);
      });
    hear<Loaded>('load', (detail) => this.#onLoad(detail));
    hear<Overlaid>('create-overlayer', (detail) => this.#onOverlay(detail));
    hear<Relocated>('relocate', (detail) => this.#onRelocate(detail));
    hear('refused', () => this.#refuse());
    this.#host.replaceChildren(renderer);
    if (this.#layout && !isFixed(this.#book)) cutPages(renderer, this.#layout, this.#vertical);
    renderer.setStyles?.(this.#styles);
    return renderer;
  }

  async #jump(to: Locator): Promise<void> {
    const chapter = to.chapter || (to.cfi ? (chapterOf(to.cfi) ?? 1) : 1);
    // An address may name a chapter that the book has not got (any more): then it opens at its beginning.
    const index = Math.max(0, this.#book.sections.findIndex((section) => section.number === chapter));
    if (!(await this.#comes(this.#book.sections[index]))) return;
    this.#jumping = true;
    await this.#watch(chapter, () => this.#renderer.goTo({ index, anchor: (doc) => anchorOf(doc, to) }));
    this.#jumping = false;
    this.#nudge();
  }

  async #turn(step: 1 | -1): Promise<void> {
    const chapter = this.#place?.chapter;
    if (chapter === undefined) return;
    const distance = this.#scrolled ? Math.max(1, this.#renderer.size - OVERLAP) : undefined;
    const next = this.#crosses(step) ? neighbour(this.#book, chapter, step) : null;
    // A turn does not wait for a chapter to be loaded ahead; but one that did not come then must come first.
    if (next && this.#prefetch.isMissing(addressOf(this.#book, next.href)) && !(await this.#comes(next))) return;
    // A px that is left, as after a nudge, would be the whole way.
    if (next && this.#scrolled) this.scrollBy(step * this.#renderer.viewSize);
    await this.#watch(next?.number ?? chapter, () => (step === 1 ? this.#renderer.next(distance) : this.#renderer.prev(distance)));
    if (this.#place?.chapter !== chapter) this.#nudge();
  }

  /** Whether a page turn leaves the chapter. */
  #crosses(step: 1 | -1): boolean {
    if (isFixed(this.#book)) return true;
    const { page, pages, start, end, viewSize } = this.#renderer;
    if (this.#scrolled) return step === 1 ? viewSize - end <= 3 : start <= 3;
    return step === 1 ? page >= pages - 2 : page <= 1;
  }

  /** Makes sure that a chapter comes before the page in sight is given up for it; else tells why not. */
  async #comes(section: Section | undefined): Promise<boolean> {
    if (!section || !this.#place || section.number === this.#shownChapter) return true;
    const address = addressOf(this.#book, section.href);
    let refuse = (): void => undefined;
    const refused = new Promise<void>((resolve) => (refuse = resolve));
    const came = this.#prefetch.load(address).then((good) => (good ? undefined : (refuse(), forever)));
    const reason = await reasonOf(came, refused, () => address);
    if (reason && !this.#closed) this.#on.failed({ chapter: section.number, reason });
    return reason === null;
  }

  /** Does something that may load a chapter. When it does not come, the last page is put back and the reason told. */
  async #watch(chapter: number, act: () => Promise<void>): Promise<void> {
    const reason = await this.#attempt(act);
    if (this.#closed) return;
    if (reason) await this.#recover({ chapter, reason });
    else if (this.#told) this.#arrive(this.#told);
  }

  /** Makes a move. Answers why it failed, if it did. */
  async #attempt(act: () => Promise<void>): Promise<Reason | null> {
    this.#asked = this.#told = null;
    this.#refused = this.#loaded = false;
    this.#moving = true;
    const refused = new Promise<void>((resolve) => {
      this.#refuse = () => {
        this.#refused = true;
        resolve();
      };
    });
    const reason = await reasonOf(act(), refused, () => this.#asked);
    if (this.#loaded && !reason) await this.#standStill();
    this.#moving = false;
    return reason;
  }

  /**
   * A chapter that has just come is laid out once more in the next frames, and again when its fonts are there. A move before
   * that would count its pages wrongly, and a place kept before that would begin in the middle of a page.
   */
  async #standStill(): Promise<void> {
    await this.#framesPass();
    if (this.#doc?.fonts.status !== 'loading') return;
    await Promise.race([this.#doc.fonts.ready, after(FONTS)]);
    await this.#framesPass();
  }

  /** Until the library counts as many pages as two frames before. */
  async #framesPass(): Promise<void> {
    for (let pages = 0, tries = 0; pages !== this.#renderer.pages && tries < MOST_TRIES; tries += 1) {
      pages = this.#renderer.pages;
      await nextFrame();
      await nextFrame();
    }
  }

  /** A renderer whose chapter did not come stays locked, so a new one takes its place. */
  async #recover(failure: Failure): Promise<void> {
    const last = this.#place;
    this.#drop(this.#renderer);
    this.#renderer = this.#makeRenderer();
    const index = this.#book.sections.findIndex((section) => section.number === last?.chapter);
    if (last && index >= 0 && last.chapter !== failure.chapter) {
      await this.#attempt(() => this.#renderer.goTo({ index, anchor: (doc) => anchorOf(doc, last) }));
      this.#tellMarks();
    }
    this.#on.failed(failure);
  }

  #drop(renderer: Renderer): void {
    this.#layer = null;
    try {
      renderer.destroy();
    } catch (error) {
      // The library expects a document in the frame, which a chapter that did not come has not got.
      if (!(error instanceof TypeError)) throw error;
    }
    renderer.remove();
  }

  #onLoad({ doc, index }: Loaded): void {
    const section = this.#book.sections[index];
    if (!doc || !section) return;
    if (!isDocument(doc)) {
      // The server answered with an error instead of the chapter.
      this.#refuse();
      this.#renderer.style.visibility = 'hidden';
      return;
    }
    this.#loaded = true;
    const root = doc.documentElement;
    if (!root.lang && !root.getAttribute('xml:lang')) root.lang = this.#book.language;
    doc.defaultView?.frameElement?.setAttribute('title', section.title ?? '');
    if (!isFixed(this.#book)) markBlocks(doc);
    listenToTables(doc, () => this.#layer?.redraw());
    listen(doc, (x, y) => this.#layer?.at(x, y) ?? null, this.#seen, this.#paged);
  }

  #onOverlay({ doc, index, attach }: Overlaid): void {
    this.#shownChapter = this.#book.sections[index]?.number ?? 0;
    const { writingMode } = getComputedStyle(doc.body);
    this.#vertical = writingMode.startsWith('vertical');
    this.#leftwards = writingMode === 'vertical-rl';
    if (this.#layout) this.setLayout(this.#layout);
    if (!this.#scrolled && this.#renderer.pages <= 2) this.#putInFlow(doc);
    if (!isFixed(this.#book)) fit(doc, this.#vertical);
    const layer = (this.#layer = new Layer(doc, (id) => this.#on.marked(id)));
    attach({
      element: layer.element,
      redraw: () => {
        if (!isFixed(this.#book)) {
          tellPageSize(doc, this.#host, this.#vertical);
          fit(doc, this.#vertical);
        }
        layer.redraw();
      },
    });
    this.#putFigures();
    this.#drawMarks();
  }

  /** Pages whose every part is placed by hand would have no size here: only the two empty pages around them are left. */
  #putInFlow(doc: Document): void {
    doc.documentElement.dataset.reader = 'flow';
    this.#renderer.render?.();
  }

  #onRelocate(told: Relocated): void {
    const section = this.#book.sections[told.index];
    if (!section || this.#refused || this.#isBetween(told.fraction)) return;
    this.#shownChapter = section.number;
    this.#words = told.range;
    this.#on.drawn();
    if (this.#moving) this.#told = told;
    // A page turned is told at once; a jump when its chapter stands still, because every jump is kept.
    if (told.reason === 'anchor') {
      if (!this.#moving) this.#relaid();
    } else if (!this.#jumping) {
      this.#arrive(told);
    }
  }

  /** The same text in another layout: the place stays what it was. */
  #relaid(): void {
    this.#nudge();
    this.#tellMarks();
    if (this.#place) this.#on.moved(this.#place, 'layout');
  }

  #arrive({ range, index, fraction }: Relocated): void {
    const section = this.#book.sections[index];
    if (!section) return;
    const end = neighbour(this.#book, section.number, 1) === null && this.#crosses(1);
    const place = range ? placeOf(this.#book, section, range, fraction, end) : fixedPlaceOf(this.#book, section, end);
    const how: Move = this.#jumping ? 'jump' : 'turn';
    const same = this.#place?.cfi === place.cfi;
    this.#place = place;
    this.#tellMarks();
    if (!same || how === 'jump') this.#on.moved(place, how);
    this.#lookAhead(section.number);
  }

  /** Pages before the first and after the last of a chapter are empty; the renderer passes over them. */
  #isBetween(fraction: number): boolean {
    return !isFixed(this.#book) && !this.#scrolled && (fraction < 0 || fraction >= 1);
  }

  #drawMarks(): void {
    this.#layer?.set(this.#marks.chapter === this.#shownChapter ? this.#marks.marks : []);
    this.#tellMarks();
  }

  #putFigures(): void {
    const { chapter, figures } = this.#figures;
    if (this.#doc) putFigures(this.#doc, chapter === this.#shownChapter ? figures : []);
  }

  #tellMarks(): void {
    const sight = isFixed(this.#book) ? null : this.#sight();
    if (sight) reachWhatIsIn(sight);
    const marks = sight ? this.#marksIn(sight) : [];
    this.#layer?.showSigns(new Set(marks.map((mark) => mark.id)));
    this.#on.inSight(marks);
  }

  #marksIn(sight: Sight): readonly MarkInSight[] {
    const { page, frame } = sight;
    const [dx, dy] = [frame.left - page.left, frame.top - page.top];
    const marks = this.#layer?.inSight(sight) ?? [];
    return marks.map((mark) => ({ id: mark.id, left: mark.left + dx, right: mark.right + dx, top: mark.top + dy, bottom: mark.bottom + dy }));
  }

  #sight(): Sight | null {
    return this.#doc && sightOf(this.#doc, this.#host, isFixed(this.#book) ? null : this.#renderer.size, this.#vertical !== this.#scrolled);
  }

  get #scrolled(): boolean {
    return this.#layout?.flow === 'scrolled' && !isFixed(this.#book);
  }

  /** The first scrolling after a jump is swallowed by the renderer, which waits for an event of its own: this makes it. */
  #nudge(): void {
    if (!this.#scrolled) return;
    const before = this.#renderer.containerPosition;
    this.#renderer.containerPosition = before + 1;
    if (this.#renderer.containerPosition === before) this.#renderer.containerPosition = before - 1;
  }

  #lookAhead(chapter: number): void {
    const next = neighbour(this.#book, chapter, 1);
    if (next) setTimeout(() => this.#shownChapter === chapter && !this.#closed && this.#prepare(addressOf(this.#book, next.href)), AHEAD);
  }

  /** Text that flows has its next chapter loaded where it will be shown. */
  #prepare(address: string): void {
    const renderer = this.#renderer;
    if (renderer.ahead) this.#prefetch.hear(address, renderer.ahead(address), () => renderer.leaveAhead?.());
    else void this.#prefetch.load(address);
  }

  #makeSeen(): Seen {
    return {
      key: (event) => this.#on.key(event),
      tap: (_, tap) => this.#on.tapped(tap),
      link: (link, href, event) => this.#onLink(link, href, event),
      wheel: (step, event) => this.#onPush(this.#leftwards && isSideways(event) ? (-step as 1 | -1) : step),
      rolled: (pixels, event) => {
        // Nothing but this moves such text by a wheel that rolls up and down.
        if (this.#vertical && !isSideways(event)) this.scrollBy(pixels);
      },
      swiped: (up) => {
        if (this.#scrolled && Math.abs(up) > PULL) this.#onPush(up > 0 ? 1 : -1);
      },
      selection: (range) => this.#on.selected(range && this.#selected(range)),
    };
  }

  get #paged(): Paged {
    return {
      sight: () => (this.#scrolled || isFixed(this.#book) ? null : this.#sight()),
      shown: () => this.#words,
      rtl: this.#book.dir === 'rtl',
      turnUnder: (step) => {
        if (!this.#crosses(step)) void (step === 1 ? this.next() : this.previous());
      },
    };
  }

  /** A wheel turns pages; in scrolled text only a push at its end comes to the next chapter. */
  #onPush(step: 1 | -1): void {
    if (this.#scrolled && !this.#crosses(step)) return;
    if (this.#queue.length < 2) void (step === 1 ? this.next() : this.previous());
  }

  #onLink(link: Element, href: string, event: MouseEvent): void {
    const address = new URL(href, link.baseURI);
    const target = address.origin === location.origin ? targetOf(this.#book, address.href) : null;
    if (target) {
      const box = boxInHost([...link.getClientRects()], link.ownerDocument, this.#host);
      this.#on.followed({ ...target, note: isNoteReference(link), label: (link.textContent ?? '').trim(), box });
    } else if (/^(https?|mailto):$/.test(address.protocol) && address.origin !== location.origin) {
      this.#on.left(address.href);
    }
    event.stopPropagation();
  }

  #selected(range: Range): Selected | null {
    const section = this.#section(this.#shownChapter);
    const doc = range.startContainer.ownerDocument;
    if (!section || !doc) return null;
    const box = boxInHost([...range.getClientRects()], doc, this.#host);
    return { chapter: section.number, cfi: cfiOf(section.cfi, range), text: textOf(range), box };
  }
}
