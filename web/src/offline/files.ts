import type { Book, BookFile, Illustration, Manifest } from '../api';

/** A picture of a passage, about; the server does not say how large each is. */
const PICTURE = 120_000;

export type File = { address: string; bytes: number };

/** Everything that a book needs beside the server's answers, with about how many bytes each takes. */
export function filesOf(manifest: Manifest, resources: readonly BookFile[], pictures: readonly Illustration[]): readonly File[] {
  const chapters = manifest.sections.map((section) => ({ address: addressIn(manifest, section.href), bytes: section.size }));
  const files = resources.map((file) => ({ address: addressIn(manifest, file.href), bytes: file.size }));
  const drawn = pictures.flatMap((one) => (one.image ? [{ address: pathOf(one.image), bytes: PICTURE }] : []));
  const cover = manifest.cover ? [{ address: pathOf(manifest.cover), bytes: PICTURE }] : [];
  return [...chapters, ...files, ...cover, ...drawn];
}

/** What changes when the book or its pictures do, or when the server has learnt to make books harmless in another way. */
export function signatureOf(version: string, app: string, pictures: readonly Illustration[]): string {
  const drawn = pictures.filter((one) => one.image).map((one) => one.id);
  return [version, app, ...drawn.sort()].join();
}

/** As the engine asks for it, which need not be loaded here. */
const addressIn = ({ base }: Manifest, href: string): string => base + href.split('/').map(encodeURIComponent).join('/');

/** Answers are kept without what is asked behind the question mark. */
export const pathOf = (address: string): string => address.split('?')[0] ?? address;

/** The books kept here that fit the words and the state asked for, as the server would choose and order them. */
export function chosen(books: readonly Book[], q: string, fits: (book: Book) => boolean): readonly Book[] {
  const words = q.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const text = (book: Book): string => [book.title, ...book.authors].join(' ').toLocaleLowerCase();
  const recent = (book: Book): string => book.last_read_at ?? book.created_at;
  return books.filter((book) => fits(book) && words.every((word) => text(book).includes(word))).sort((a, b) => recent(b).localeCompare(recent(a)));
}
