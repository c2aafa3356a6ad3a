/** What we use of foliate-js 1.0.1, which has no types of its own. */
declare module 'foliate-js/paginator.js';
declare module 'foliate-js/fixed-layout.js';
declare module 'foliate-js/epubcfi.js' {
  export type Step = { index: number; id?: string; offset?: number };
  /** One list of steps for each document that the address goes through. */
  export type Path = Step[][];
  export type Parsed = Path | { parent: Path; start: Path; end: Path };
  export const isCFI: RegExp;
  export function parse(cfi: string): Parsed;
  export function fromRange(range: Range): string;
  export function toRange(doc: Document, local: Parsed): Range;
  export function compare(a: string, b: string): number;
}
