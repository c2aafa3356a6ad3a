import type { InnerLink, Publication } from './types';

/** The address of a resource of the book. */
export function addressOf(book: Publication, href: string): string {
  return book.base + href.split('/').map(encodeURIComponent).join('/');
}

/** The chapter and fragment that a resolved address of the book points to; null where it is no chapter of the book. */
export function targetOf(book: Publication, address: string): Pick<InnerLink, 'chapter' | 'fragment'> | null {
  const [path = '', fragment = ''] = address.split('#');
  const found = book.sections.find((section) => sameAddress(addressOf(book, section.href), path));
  return found ? { chapter: found.number, fragment: decode(fragment) } : null;
}

function sameAddress(own: string, other: string): boolean {
  return decode(own) === decode(other.replace(/^https?:\/\/[^/]+/, ''));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
