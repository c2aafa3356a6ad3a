import { rangeOf } from './cfi';
import type { Figure } from './types';

const XHTML = 'http://www.w3.org/1999/xhtml';
const NUMBER = 'data-reader-figure';
const STYLE = 'reader-figures';

/**
 * Shows pictures in the text, and no others. They are drawn by styles, below the paragraph that the passage ends in: an element
 * of their own would change the addresses of everything after it.
 */
export function putFigures(doc: Document, figures: readonly Figure[]): void {
  for (const old of doc.querySelectorAll(`[${NUMBER}]`)) old.removeAttribute(NUMBER);
  const rules = figures.flatMap((figure, number) => {
    const range = rangeOf(doc, figure.cfi);
    const block = range && blockOf(range.endContainer);
    // One picture below a paragraph; others of the same have their sign.
    if (!block || block.hasAttribute(NUMBER)) return [];
    block.setAttribute(NUMBER, String(number));
    return [ruleOf(number, figure)];
  });
  const style = doc.getElementById(STYLE) ?? (rules.length > 0 ? styleIn(doc) : null);
  if (style && style.textContent !== rules.join('\n')) style.textContent = rules.join('\n');
}

function styleIn(doc: Document): Element {
  const style = doc.createElementNS(XHTML, 'style');
  style.id = STYLE;
  doc.head.append(style);
  return style;
}

function blockOf(node: Node): Element | null {
  let element = node.nodeType === 1 ? (node as Element) : node.parentElement;
  while (element && getComputedStyle(element).display.startsWith('inline')) element = element.parentElement;
  return element;
}

function ruleOf(number: number, { address, width, height, alt }: Figure): string {
  return `[${NUMBER}="${number}"]::after {
  content: ""; content: "" / "${quotable(alt)}"; display: block; box-sizing: border-box; max-inline-size: min(100%, ${width}px); max-block-size: calc(88 * var(--page-vh, 1vh));
  aspect-ratio: ${width} / ${height}; margin: 1.2em auto .8em; background: url("${encodeURI(address)}") center / contain no-repeat; break-inside: avoid; border-radius: 2px; filter: var(--reader-picture, none);
}`;
}

const quotable = (text: string): string => text.replace(/["\\\n\r\f]/g, ' ');
