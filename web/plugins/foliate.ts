import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const PAGINATOR = 'node_modules/foliate-js/paginator.js';
const PATCHED = /foliate-js\/(paginator|fixed-layout)\.js$/;
const SANDBOX = "'allow-same-origin allow-scripts'";
// WebKit delivers no events from a frame without allow-scripts (bug 218086); there the resource's own policy is the lock.
const TIGHT = `(navigator.vendor.startsWith('Apple') ? ${SANDBOX} : 'allow-same-origin')`;
const PAUSE = "if (shouldGo || !this.hasAttribute('animated')) await wait(100)";

// A frame whose document did not come has none that scripts may see; the library would stumble over it and never end.
const LOADED = 'afterLoad?.(doc)';
const LOADED_FIXED = "this.dispatchEvent(new CustomEvent('load', { detail: { doc, index } }))";
const refuse = (element: string): string => `if (!doc) return void ${element}.dispatchEvent(new CustomEvent('refused'));\n`;

// The pages are counted before the chapter is told how wide they are: in a frame that has no width yet every letter is a line.
const COUNTED = 'const contentRect = this.#contentRange.getBoundingClientRect()';
const SIZED = 'documentElement.style[side] = `${this.#size}px`\n            ';
// What a table has scrolled away takes no page, and whoever goes to it goes to the table.
const WIDE = "'[data-reader-wide]'";
const SEEN = `const contentRect = (this.document.querySelector(${WIDE}) ? this.document.body : this.#contentRange).getBoundingClientRect()`;
const ANCHORED = 'const rects = uncollapse(anchor)?.getClientRects?.()';
const ANCHORED_IN_TABLES = `const from = anchor?.startContainer ?? anchor
        const rects = ((from?.nodeType === 1 ? from : from?.parentElement)?.closest(${WIDE}) ?? uncollapse(anchor))?.getClientRects?.()`;

// A document that is still coming is laid out by nobody: whether its lines run from top to bottom is not known yet.
const RENDER = 'if (!layout || !this.document) return';
const RENDER_READY = 'if (!layout || !this.ready) return';
const TURNED = 'this.#vertical = vertical\n                this.#rtl = rtl';

// What takes the focus out of sight is turned to, and told as a turned page is; the browser itself scrolls to it, past the pages' edges.
const FOCUSED = 'requestAnimationFrame(() => this.#scrollToAnchor(e.target)))';
const FOCUS_FOLLOWED = 'requestAnimationFrame(() => this.#follow(e.target)))';
const FOLLOW = `#follow(target) {
        if (target.ownerDocument !== this.#view?.document || !this.#scrollBounds) return
        this.containerPosition = this.#scrollBounds[0]
        const size = this.#rtl ? -this.size : this.size
        const boxes = [...target.getClientRects()].map(this.#getRectMapper())
        const isSeen = ({ left, right }) => right > this.start - size && left < this.end - size
        if (boxes.length > 0 && !boxes.some(isSeen)) this.#scrollToAnchor(target, 'focus')
    }
    `;

// Whoever selects with a mouse past the page turned it, wherever and however shortly: the adapter looks after the mouse itself.
const POINTED = "doc.addEventListener('pointerdown', () => isPointerSelecting = true)";
const TOUCHED = "doc.addEventListener('pointerdown', e => isPointerSelecting = e.pointerType === 'touch')";

// The next chapter is loaded in a frame that is there already when its page is turned to: half of what a new chapter takes.
const LOAD = "this.#iframe.addEventListener('load', () => {";
const SRC = '}, { once: true })\n            this.#iframe.src = src';
const FETCH = 'async load(src, afterLoad, beforeRender) {';
const FETCHED = `fetch(src) {
        return this.fetched ??= new Promise(resolve => {
            this.#iframe.addEventListener('load', () => resolve(this.document), { once: true })
            this.#iframe.src = src
        })
    }
    `;
const VIEW = `#createView() {
        if (this.#view) {`;
const NEW_VIEW = `this.#view = new View({
            container: this,
            onExpand: () => this.#scrollToAnchor(this.#anchor),
        })
        this.#container.append(this.#view.element)`;
const AHEAD = `#ahead
    #addView() {
        const view = new View({ container: this, onExpand: () => this.#scrollToAnchor(this.#anchor) })
        this.#container.append(view.element)
        return view
    }
    ahead(src) {
        if (this.#ahead?.src !== src) {
            this.leaveAhead()
            this.#ahead = { src, view: this.#addView() }
            this.#ahead.view.element.style.display = 'none'
        }
        return this.#ahead.view.fetch(src)
    }
    leaveAhead() {
        this.#ahead?.view.element.remove()
        this.#ahead = null
    }
    `;
const TAKEN = `if (this.#ahead?.src !== src) this.leaveAhead()
        this.#view = this.#ahead?.view ?? this.#addView()
        this.#view.element.style.display = 'flex'
        this.#ahead = null`;
const CREATED = 'const view = this.#createView()';

/** The rendering library without scripts in its frames, without its pause after every page turn, telling what did not come, and ready for the next chapter. */
export function patch(file: string, code: string): string {
  const tight = swap(file, code, SANDBOX, TIGHT);
  if (!file.includes('paginator')) return swap(file, tight, LOADED_FIXED, refuse('this') + LOADED_FIXED);
  const changes = [
    [PAUSE, ''],
    [COUNTED, SIZED + SEEN],
    [ANCHORED, ANCHORED_IN_TABLES],
    [LOADED, refuse('this.container') + LOADED],
    [RENDER, RENDER_READY],
    [TURNED, 'this.ready = true\n                ' + TURNED],
    [LOAD, 'const show = () => {'],
    [SRC, '}\n            this.fetch(src).then(show)'],
    [FETCH, FETCHED + FETCH],
    [FOCUSED, FOCUS_FOLLOWED],
    [POINTED, TOUCHED],
    [VIEW, FOLLOW + AHEAD + VIEW.replace('()', '(src)')],
    [NEW_VIEW, TAKEN],
    [CREATED, CREATED.replace('()', '(src)')],
  ] as const;
  return changes.reduce((code, [old, next]) => swap(file, code, old, next), tight);
}

function swap(file: string, code: string, old: string, next: string): string {
  if (code.split(old).length !== 2) {
    throw new Error(`${file} changed: it should hold this once, so the patch must be looked at again: ${old}`);
  }
  return code.replace(old, () => next);
}

/** The one style block that the paginator writes into its shadow root. */
export function styleBlock(code: string = readFileSync(PAGINATOR, 'utf8')): string {
  const found = /innerHTML = `<style>([^`]*?)<\/style>/.exec(code);
  if (found?.[1] === undefined || found[1].includes('${')) {
    throw new Error('The style block of the paginator was not found: the page policy would block it.');
  }
  return found[1];
}

export function foliate(): Plugin {
  return {
    name: 'bookreader:foliate',
    enforce: 'pre',
    config: () => ({ optimizeDeps: { exclude: ['foliate-js'] } }),
    transform(code, id) {
      const path = id.split('?')[0] ?? id;
      return PATCHED.test(path) ? { code: patch(path, code), map: null } : null;
    },
  };
}
