/** A document of the reading order. `cfi` is its step in the package, such as /6/4[ch1]. */
export type Section = {
  number: number;
  href: string;
  title: string | null;
  linear: boolean;
  size: number;
  cfi: string;
  spread: string | null;
  viewport: string | null;
  first_position: number;
  positions: number;
  characters: number;
};

/** What the engine needs of a book's manifest. Addresses of resources are `base` + href, each segment encoded. */
export type Publication = {
  base: string;
  dir: string;
  language: string;
  layout: string;
  spread: string | null;
  viewport: string | null;
  positions: number;
  sections: readonly Section[];
};

/** A place to go to. What is more exact wins: the CFI, then the quote, the fragment, the fraction (0-1) of the chapter. */
export type Locator = {
  chapter: number;
  cfi?: string | null;
  quote?: string | null;
  fragment?: string;
  fraction?: number;
};

/** How the reader came to a place: a page turned, a jump, or the same text in another layout. */
export type Move = 'turn' | 'jump' | 'layout';

/** Where the reader is. `cfi` is the first character in sight, `fraction` 0-1 of the chapter, `total` 0-1 of the book, `page` from 1. */
export type Place = {
  chapter: number;
  cfi: string;
  quote: string;
  fraction: number;
  total: number;
  page: number;
  /** Whether the last words of the book are in sight. */
  end: boolean;
};

export const TINTS = ['ochre', 'rust', 'moss', 'slate'] as const;
export type Tint = (typeof TINTS)[number];

/**
 * Something that belongs to a passage: the rule of one with a picture, a highlight in one of the four tints, words that
 * were searched for. A bookmark is not drawn; it is told of when its place is in sight.
 */
export type Mark = { id: string; cfi: string } & (
  | { kind: 'picture'; label: string }
  | { kind: 'passage'; label: string; sign: 'offer' | 'waiting' | 'failed' }
  | { kind: 'highlight'; tint: Tint }
  | { kind: 'found' }
  | { kind: 'bookmark' }
);

export type Box = { left: number; right: number; top: number; bottom: number };

/** A mark in sight, with its box in CSS pixels from the top left corner of the page's element. */
export type MarkInSight = Box & { id: string };

export type Selected = { chapter: number; cfi: string; text: string; box: Box };

/** A click or tap beside links. `x` and `y` are 0-1 of the window. */
export type Tap = { x: number; y: number; mark: string | null; image: Image | null; touch: boolean };

/** A picture in the text, below the passage at `cfi`. `width` and `height` in its own pixels. */
export type Figure = { cfi: string; address: string; width: number; height: number; alt: string };

/** A picture of the book itself. */
export type Image = { address: string; alt: string };

/** A link of the book to a place in it. `note` says that it is a reference to a note; `box` is where the link stands. */
export type InnerLink = { chapter: number; fragment: string; note: boolean; label: string; box: Box };

/** Why a chapter did not come: no answer, refused, gone, an error of the server, or nothing within the time limit. */
export type Reason = 'offline' | 'signed_out' | 'missing' | 'server' | 'slow';
export type Failure = { chapter: number; reason: Reason };

export type Flow = 'paginated' | 'scrolled';
/** How a page is cut. `measure`: the longest line; `side`: space beside the text, `head`: above and below it; all CSS pixels. */
export type Layout = { flow: Flow; columns: number; measure: number; side: number; head: number };

export type Handlers = {
  /** Text of the book stands on the page. It may still move a little, until its fonts are there and the place is told. */
  drawn(): void;
  moved(place: Place, how: Move): void;
  inSight(marks: readonly MarkInSight[]): void;
  failed(failure: Failure): void;
  tapped(tap: Tap): void;
  marked(id: string): void;
  followed(link: InnerLink): void;
  left(address: string): void;
  selected(selection: Selected | null): void;
  key(event: KeyboardEvent): void;
};
