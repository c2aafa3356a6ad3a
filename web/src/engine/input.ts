import { Clicks, hitsWords } from './clicks';
import { listenToDragging, type Paged } from './dragging';
import { imageOf } from './images';
import type { Selected, Tap } from './types';

export type Seen = {
  key(event: KeyboardEvent): void;
  tap(event: MouseEvent, tap: Tap): void;
  link(link: Element, href: string, event: MouseEvent): void;
  /** One notch of a wheel or trackpad, along or against the text. */
  wheel(step: 1 | -1, event: WheelEvent): void;
  /** The same in px, as it goes on. */
  rolled(pixels: number, event: WheelEvent): void;
  /** A finger left the screen; how far it moved up, in px. */
  swiped(up: number): void;
  selection(range: Range | null): void;
};

/** Px of a wheel that make a notch, and the pause in ms after which a new movement begins. */
const NOTCH = 40;
const PAUSE = 220;
/** Px that a finger may move in a tap. */
const STILL = 10;

/** Listens to everything that people do in a document: a frame keeps its events to itself. */
export function listen(doc: Document, markAt: (x: number, y: number) => string | null, seen: Seen, page: Paged): void {
  const pointer = { x: 0, y: 0, hadSelection: false, touch: false };
  const clicks = new Clicks();
  doc.addEventListener('keydown', (event) => seen.key(event));
  doc.addEventListener('pointerdown', (event) => {
    Object.assign(pointer, { x: event.screenX, y: event.screenY, touch: event.pointerType === 'touch', hadSelection: isSelecting(doc) });
  });
  doc.addEventListener('mousedown', (event) => !pointer.touch && clicks.press(event));
  doc.addEventListener('click', (event) => onClick(event));
  doc.addEventListener('auxclick', (event) => event.preventDefault());
  const tell = soon(() => seen.selection(rangeSelected(doc)), 250);
  doc.addEventListener('selectionchange', tell);
  listenToDragging(doc, page, tell);
  listenToWheel(doc, seen);
  listenToFinger(doc, seen);

  function onClick(event: MouseEvent): void {
    const target = event.target as Element | null;
    const link = target?.closest('a[href], area[href], a[*|href]') ?? null;
    const href = link?.getAttribute('href') ?? link?.getAttributeNS('http://www.w3.org/1999/xlink', 'href');
    if (link && href) {
      event.preventDefault();
      seen.link(link, href, event);
      return;
    }
    const moved = Math.hypot(event.screenX - pointer.x, event.screenY - pointer.y);
    if (event.button !== 0 || isSelecting(doc) || pointer.hadSelection || (moved > STILL && event.detail > 0)) return;
    const tap = tapOf(event, doc, pointer.touch, markAt);
    const mayGoOn = !tap.touch && !tap.mark && hitsWords(event);
    // A chapter that has been left has no window any more.
    clicks.release(() => doc.defaultView && seen.tap(event, tap), mayGoOn);
  }
}

/** Clicks and wheels beside the frame, on the margins of the page. */
export function listenBeside(host: HTMLElement, seen: Seen): void {
  host.addEventListener('click', (event) => {
    if (event.defaultPrevented) return;
    seen.tap(event, { ...share(event.clientX, event.clientY), mark: null, image: null, touch: false });
  });
  listenToWheel(host, seen);
}

function tapOf(event: MouseEvent, doc: Document, touch: boolean, markAt: (x: number, y: number) => string | null): Tap {
  const frame = doc.defaultView?.frameElement?.getBoundingClientRect();
  const scale = frame && doc.defaultView ? frame.width / doc.defaultView.innerWidth : 1;
  const at = share(event.clientX * scale + (frame?.left ?? 0), event.clientY * scale + (frame?.top ?? 0));
  return { ...at, mark: markAt(event.clientX, event.clientY), image: imageOf(event.target as Element | null), touch };
}

function share(x: number, y: number): { x: number; y: number } {
  return { x: x / innerWidth, y: y / innerHeight };
}

export const isSideways = ({ deltaX, deltaY }: WheelEvent): boolean => Math.abs(deltaX) > Math.abs(deltaY);

export function listenToWheel(target: Document | HTMLElement, seen: Seen): void {
  let travelled = 0;
  let last = 0;
  target.addEventListener(
    'wheel',
    (event) => {
      const wheel = event as WheelEvent;
      if (wheel.ctrlKey) return;
      const delta = isSideways(wheel) ? wheel.deltaX : wheel.deltaY;
      const pixels = wheel.deltaMode === 0 ? delta : delta * NOTCH;
      if (wheel.timeStamp - last > PAUSE || Math.sign(pixels) !== Math.sign(travelled)) travelled = 0;
      last = wheel.timeStamp;
      seen.rolled(pixels, wheel);
      const before = Math.trunc(travelled / NOTCH);
      travelled += pixels;
      // One turn for each movement, however long a trackpad rolls on.
      if (before === 0 && Math.abs(travelled) >= NOTCH) seen.wheel(travelled > 0 ? 1 : -1, wheel);
    },
    { passive: true },
  );
}

function listenToFinger(doc: Document, seen: Seen): void {
  let from = 0;
  doc.addEventListener('touchstart', (event) => (from = event.changedTouches[0]?.screenY ?? 0), { passive: true });
  doc.addEventListener('touchend', (event) => seen.swiped(from - (event.changedTouches[0]?.screenY ?? from)), { passive: true });
}

function isSelecting(doc: Document): boolean {
  return doc.getSelection()?.isCollapsed === false;
}

function rangeSelected(doc: Document): Range | null {
  const selection = doc.getSelection();
  return selection && !selection.isCollapsed && selection.toString().trim() ? selection.getRangeAt(0).cloneRange() : null;
}

/** The box of something in a frame, in px from the corner of the page's element; of what goes on in the next column, its beginning. */
export function boxInHost(boxes: readonly DOMRect[], doc: Document, host: HTMLElement): Selected['box'] {
  const frame = doc.defaultView?.frameElement?.getBoundingClientRect();
  const corner = host.getBoundingClientRect();
  const [dx, dy] = [(frame?.left ?? 0) - corner.left, (frame?.top ?? 0) - corner.top];
  const shown = boxes.filter((box) => box.width > 0 && box.left + dx < corner.width && box.right + dx > 0);
  const used = inOneColumn(shown.length > 0 ? shown : boxes);
  return {
    left: Math.min(...used.map((box) => box.left)) + dx,
    right: Math.max(...used.map((box) => box.right)) + dx,
    top: Math.min(...used.map((box) => box.top)) + dy,
    bottom: Math.max(...used.map((box) => box.bottom)) + dy,
  };
}

function inOneColumn(boxes: readonly DOMRect[]): readonly DOMRect[] {
  const next = boxes.findIndex((box, index) => box.bottom < (boxes[index - 1]?.top ?? -Infinity));
  return next < 0 ? boxes : boxes.slice(0, next);
}

function soon(task: () => void, milliseconds: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(task, milliseconds);
  };
}
