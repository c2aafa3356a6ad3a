import { type Book, call, type Chapter, type ContentsEntry, type Description, type Illustration, type Place, type Progress } from '../api';
import { everyPage } from '../api/pages';

/** Everything that the page of a book shows. What a book that is not parsed has not got is empty. */
export type Shown = {
  book: Book;
  chapters: readonly Chapter[];
  toc: readonly ContentsEntry[];
  warnings: readonly { code: string; message: string }[];
  progress: Progress;
  found: readonly Description[];
  pictures: readonly Illustration[];
};

const NOWHERE: Progress = { current: null, furthest: null, offer: null };

export async function loadBook(id: string): Promise<Shown> {
  const path = { book_id: id };
  const book = await call('get', '/api/v1/books/{book_id}', { path });
  if (!book.is_parsed) return { book, chapters: [], toc: [], warnings: [], progress: NOWHERE, found: [], pictures: [] };
  const [chapters, manifest, progress, found, pictures] = await Promise.all([
    call('get', '/api/v1/books/{book_id}/chapters', { path }),
    call('get', '/api/v1/books/{book_id}/manifest', { path }),
    call('get', '/api/v1/books/{book_id}/progress', { path }),
    everyPage((cursor) => call('get', '/api/v1/books/{book_id}/descriptions', { path, query: { cursor } })),
    everyPage((cursor) => call('get', '/api/v1/books/{book_id}/illustrations', { path, query: { cursor } })),
  ]);
  return { book, chapters: chapters.items, toc: manifest.toc, warnings: manifest.warnings ?? [], progress, found, pictures };
}

/** The last chapter that may be shown: the furthest one read, or the first of the book. */
export function openUpTo(furthest: Place | null, chapters: readonly Chapter[]): number {
  return furthest?.chapter ?? chapters.find((chapter) => chapter.linear && chapter.words > 0)?.number ?? 1;
}
