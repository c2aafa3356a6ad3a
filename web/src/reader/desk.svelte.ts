import type { Annotation, Illustration } from '../api';
import type { Image, InnerLink, Selected } from '../engine';
import type { Asked } from '../pictures/passage';

export type Sheet = 'contents' | 'type' | 'search';
/** A mark that is being written: one that is there, or one for words just selected. */
export type Editing = { mark: Annotation; selection: null } | { mark: null; selection: Selected };

/** What lies over the page. At most one of the sheets, notes and questions at a time. */
export class Desk {
  sheet = $state<Sheet | null>(null);
  note = $state.raw<{ link: InnerLink; paragraphs: readonly string[] } | null>(null);
  /** An address out of the book that waits for a yes. */
  outside = $state('');
  picture = $state.raw<Illustration | null>(null);
  /** A picture of the book itself, shown as large as the window. */
  image = $state.raw<Image | null>(null);
  /** A dialog about the pictures of a passage. */
  asked = $state.raw<Asked | null>(null);
  selection = $state.raw<Selected | null>(null);
  editing = $state.raw<Editing | null>(null);
  /** The words that were searched for last. */
  words = $state('');
  /** Whether the icons are away while pages are turned. */
  quiet = $state(false);

  /** Whether a drawer has the whole window. */
  get modal(): boolean {
    return this.sheet === 'contents' || this.sheet === 'search';
  }

  /** Closes what lies over the page; whether there was something. */
  clear(): boolean {
    const open = this.sheet !== null || this.note !== null || this.outside !== '';
    this.sheet = this.note = null;
    this.outside = '';
    return open;
  }

  edit(mark: Annotation): void {
    this.sheet = null;
    this.editing = { mark, selection: null };
  }

  show(sheet: Sheet): void {
    const again = this.sheet === sheet;
    this.clear();
    this.quiet = false;
    this.sheet = again ? null : sheet;
  }
}
