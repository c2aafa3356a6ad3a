/** What the browser tests compare with the server: addresses made and resolved by the engine, without its pages. */
import { cfiOf, rangeOf } from '../src/engine/cfi';
import { firstCharacter, fractionOf, quoteAt, textOf } from '../src/engine/text';

const squeeze = (text: string): string => text.replace(/\s+/g, '');

export function parse(html: string): Document {
  return new DOMParser().parseFromString(html, 'application/xhtml+xml');
}

/** What the engine finds at an address: the text that follows, how far it is, and its own address of the same point. */
export function at(doc: Document, step: string, cfi: string): { quote: string; fraction: number; cfi: string } | null {
  const range = rangeOf(doc, cfi);
  if (!range) return null;
  const point = { node: range.startContainer, offset: range.startOffset };
  range.collapse(true);
  return { quote: quoteAt(point, 200), fraction: fractionOf(point), cfi: cfiOf(step, range) };
}

/** The text of a range, white space left out, and the engine's own address of it. */
export function within(doc: Document, step: string, cfi: string): { text: string; cfi: string } | null {
  const range = rangeOf(doc, cfi);
  return range && { text: squeeze(textOf(range)), cfi: cfiOf(step, range) };
}

/** The address of the first character of the body, as after opening a chapter. */
export function first(doc: Document, step: string): string | null {
  const range = doc.createRange();
  range.selectNodeContents(doc.body);
  const point = firstCharacter(range);
  if (!point) return null;
  range.setStart(point.node, point.offset);
  range.collapse(true);
  return cfiOf(step, range);
}
