import type { Annotation } from '../api';

export type Exported = { title: string; authors: readonly string[]; marks: readonly Annotation[] };

/** A person's marks as a text to keep: quotations by chapter, each with its note. */
export function asMarkdown({ title, authors, marks }: Exported, nameOf: (chapter: number) => string): string {
  const chapters = [...new Set(marks.map((mark) => mark.chapter))];
  const parts = chapters.map((chapter) => {
    const own = marks.filter((mark) => mark.chapter === chapter);
    return [`## ${nameOf(chapter)}`, ...own.map(quotation)].join('\n\n');
  });
  return `${[`# ${title}`, authors.join(', '), ...parts].filter(Boolean).join('\n\n')}\n`;
}

/** The same for programs, in the words of the API. */
export function asJson({ title, authors, marks }: Exported): string {
  const kept = marks.map(({ kind, chapter, cfi, quote, colour, note, created_at }) => ({ kind, chapter, cfi, quote, colour, note, created_at }));
  return `${JSON.stringify({ title, authors, annotations: kept }, null, 2)}\n`;
}

function quotation({ kind, quote, note }: Annotation): string {
  const lines = (quote ?? '').trim().split(/\n+/).map((line) => `> ${line.trim()}`);
  const said = kind === 'bookmark' ? `- ${(quote ?? '').trim() || '…'}` : lines.join('\n>\n');
  return note?.trim() ? `${said}\n\n${note.trim()}` : said;
}

/** Lets the browser save a text as a file. */
export function saveAs(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
