import 'foliate-js/paginator.js';
import { addressOf } from './address';
import type { Layout, Publication, Section } from './types';

export type Anchor = Range | Element | number;

/** The part of the library's elements that is used here. */
export interface Renderer extends HTMLElement {
  open(book: unknown): void;
  goTo(target: { index: number; anchor?: Anchor | ((doc: Document) => Anchor) }): Promise<void>;
  next(distance?: number): Promise<void>;
  prev(distance?: number): Promise<void>;
  getContents(): { doc: Document | null }[];
  destroy(): void;
  /** The rest is only for text that flows. Loads a chapter in a frame that is shown when it is gone to; resolves to what came. */
  ahead?(address: string): Promise<Document | null>;
  /** Gives up what was loaded ahead. */
  leaveAhead?(): void;
  setStyles?(styles: [string, string]): void;
  render?(): void;
  containerPosition: number;
  readonly size: number;
  readonly viewSize: number;
  readonly start: number;
  readonly end: number;
  readonly page: number;
  readonly pages: number;
}

export type Relocated = { reason: string | null; range: Range | null; index: number; fraction: number };
export type Loaded = { doc: Document | null; index: number };
export type Overlaid = { doc: Document; index: number; attach(layer: { element: HTMLElement; redraw(): void }): void };

export const isFixed = (book: Publication): boolean => book.layout === 'pre-paginated';

/** Waits for the part of the library that the book needs. Text that flows is what nearly every book needs, so that is there. */
export async function prepareRenderer(book: Publication): Promise<void> {
  if (isFixed(book)) await import('foliate-js/fixed-layout.js');
}

/** A renderer with the book in it, not shown yet. `asked` hears each address that it loads. */
export function makeRenderer(book: Publication, asked: (address: string) => void): Renderer {
  const renderer = document.createElement(isFixed(book) ? 'foliate-fxl' : 'foliate-paginator') as unknown as Renderer;
  const load = (section: Section) => (): string => {
    const address = addressOf(book, section.href);
    asked(address);
    return address;
  };
  renderer.open({
    dir: book.dir,
    rendition: { layout: book.layout, spread: book.spread ?? undefined, viewport: viewportOf(book.viewport) },
    sections: book.sections.map((section) => ({
      id: section.number,
      linear: section.linear ? 'yes' : 'no',
      size: section.size,
      pageSpread: section.spread ?? undefined,
      load: load(section),
    })),
  });
  return renderer;
}

/** Cuts pages as asked for. Shares of the width, as the library wants them, are computed from pixels. */
export function cutPages(renderer: Renderer, layout: Layout, vertical: boolean): void {
  const box = renderer.getBoundingClientRect();
  const gap = layout.side / (box.width || layout.measure);
  // In scrolled vertical text the library puts the gap beside the text and then counts with the margin: they must be equal.
  const margin = vertical && layout.flow === 'scrolled' ? (gap / (1 - gap)) * box.height : layout.head;
  const wanted = {
    flow: layout.flow,
    gap: `${(100 * gap).toFixed(3)}%`,
    margin: `${margin.toFixed(2)}px`,
    'max-inline-size': `${layout.measure}px`,
    'max-block-size': '4000px',
    'max-column-count': String(layout.columns),
  };
  // Each attribute that changes lays the chapter out anew.
  for (const [name, value] of Object.entries(wanted)) if (renderer.getAttribute(name) !== value) renderer.setAttribute(name, value);
}

/**
 * Tells a chapter a hundredth of its page's width and height: `vw` and `vh` of the book's styles count in these, because the
 * frame is as long as all pages together. The library writes the size of a page on the root element.
 */
export function tellPageSize(doc: Document, host: HTMLElement, vertical: boolean): void {
  const { style } = doc.documentElement;
  const column = parseFloat(style.columnWidth);
  const [width, height] = vertical ? [parseFloat(style.width), column] : [column, parseFloat(style.height)];
  style.setProperty('--page-vw', `${(width || host.clientWidth) / 100}px`);
  style.setProperty('--page-vh', `${(height || host.clientHeight) / 100}px`);
}

function viewportOf(said: string | null): Record<string, string> | undefined {
  if (!said) return undefined;
  const pairs = said.split(/[,;\s]+/).flatMap((pair) => {
    const [name, value] = pair.split('=');
    return name && value ? [[name.trim(), value.trim()] as const] : [];
  });
  return pairs.length > 0 ? Object.fromEntries(pairs) : undefined;
}
