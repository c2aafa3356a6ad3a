export type Action = 'next' | 'previous' | 'down' | 'up' | 'contents' | 'type' | 'search' | 'mark' | 'image' | 'back' | 'forward' | 'start' | 'end' | 'chrome';

type Pressed = Pick<KeyboardEvent, 'key' | 'shiftKey'>;

/** What a key does. `rtl`: pages follow each other from right to left; `scrolled`: the text is one long page. */
export function actionOf({ key, shiftKey }: Pressed, { rtl, scrolled }: { rtl: boolean; scrolled: boolean }): Action | null {
  switch (key) {
    case 'ArrowRight':
      return rtl ? 'previous' : 'next';
    case 'ArrowLeft':
      return rtl ? 'next' : 'previous';
    case 'ArrowDown':
      return scrolled ? 'down' : 'next';
    case 'ArrowUp':
      return scrolled ? 'up' : 'previous';
    case 'PageDown':
      return 'next';
    case 'PageUp':
      return 'previous';
    case ' ':
      return shiftKey ? 'previous' : 'next';
    case 'Home':
      return 'start';
    case 'End':
      return 'end';
    case 'Backspace':
      return shiftKey ? 'forward' : 'back';
    case 'Escape':
      return 'chrome';
    default:
      return LETTERS[key.toLowerCase()] ?? null;
  }
}

// Both layouts: С, Е, Ы, И and Я stand where C, T, S, B and Z are on a Russian keyboard.
const LETTERS: Readonly<Record<string, Action>> = { c: 'contents', с: 'contents', t: 'type', е: 'type', s: 'search', ы: 'search', '/': 'search', b: 'mark', и: 'mark', z: 'image', я: 'image' };

// What moves a slider; it has no use for other keys.
const SLIDES = /^(Arrow|Page|Home$|End$)/;

/** Whether a key belongs to a control rather than to the page. */
export function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return true;
  // A dialog that has just closed holds the keyboard until the next frame.
  const target = event.target as Element | null;
  if (target?.closest?.('input:not([type="range"]), select, textarea, dialog[open], [role="dialog"]:not([data-passing])')) return true;
  if (target?.closest?.('input') && SLIDES.test(event.key)) return true;
  return (event.key === ' ' || event.key === 'Enter') && Boolean(target?.closest?.('button, a[href], summary'));
}
