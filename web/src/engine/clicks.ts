/** Milliseconds that a click on words waits for a second one, which selects the word. */
const WAIT = 250;

/** Tells clicks that mean the page from those that select words: two or three in short order. */
export class Clicks {
  #waiting: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #acted = false;
  #selecting = false;

  /** A button of the mouse went down; `event.detail` counts how often in short order, as the system understands it. */
  press(event: MouseEvent): void {
    if (event.detail < 2) this.#acted = this.#selecting = false;
    // The click before has turned the page: this one means the new page, and selects nothing on it.
    else if (this.#acted) event.preventDefault();
    else this.#selecting = true;
    if (this.#selecting) this.#waiting = null;
  }

  /** Acts on a click unless it selects: at once, or, `onWords`, when no other one follows. */
  release(act: () => void, onWords: boolean): void {
    if (this.#selecting) return;
    this.#now();
    this.#waiting = act;
    clearTimeout(this.#timer);
    if (onWords) this.#timer = setTimeout(() => this.#now(), WAIT);
    else this.#now();
  }

  #now(): void {
    const act = this.#waiting;
    this.#waiting = null;
    if (!act) return;
    this.#acted = true;
    act();
  }
}

/** Whether a click hit a line of text. */
export function hitsWords(event: MouseEvent): boolean {
  const target = event.target as Element | null;
  return [...(target?.childNodes ?? [])].some((node) => node.nodeType === 3 && boxesOf(node).some((box) => isIn(box, event)));
}

function boxesOf(node: Node): DOMRect[] {
  const range = (node.ownerDocument as Document).createRange();
  range.selectNodeContents(node);
  return [...range.getClientRects()];
}

function isIn(box: DOMRect, { clientX: x, clientY: y }: MouseEvent): boolean {
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
}
