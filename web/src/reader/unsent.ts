import type { Place } from '../engine';
import { isRecord } from '../ui/kept';

/** Under this and the book's id the places of a book wait in the browser. */
export const UNSENT = 'bookreader.unsent.';

/** A place as the server takes it. */
export type Report = { chapter: number; cfi: string; quote: string | null; device: string; client_time: string; key: string; jump: boolean; end: boolean };

/** Reports beyond this are thinned: of the turns of one stretch its first and last stay, and every jump. */
const MANY = 1000;
/** A silence after which a stretch has ended, as reading time has. Milliseconds. */
const PAUSE = 180_000;
/** What the server takes at once. */
export const BATCH = 200;

/** The reports after one more. */
export function withReport(reports: readonly Report[], next: Report): readonly Report[] {
  const all = [...reports, next];
  return all.length > MANY ? thinned(all) : all;
}

/** What this page holds together with what another page of the same browser has stored, without what was delivered. */
export function merged(own: readonly Report[], stored: readonly Report[], delivered: ReadonlySet<string>): readonly Report[] {
  const known = new Set(own.map((report) => report.key));
  const others = stored.filter((report) => !known.has(report.key));
  // Ours are in the order in which they were read, whatever the clock said.
  const all = others.length === 0 ? own : [...others, ...own].sort((a, b) => Date.parse(a.client_time) - Date.parse(b.client_time));
  return all.filter((report) => !delivered.has(report.key));
}

function thinned(reports: readonly Report[]): readonly Report[] {
  const inner = (index: number): boolean => {
    const [before, own, after] = [reports[index - 1], reports[index], reports[index + 1]];
    return before !== undefined && own !== undefined && after !== undefined && goesOn(before, own) && goesOn(own, after);
  };
  const kept = reports.filter((_, index) => !inner(index));
  return kept.slice(-MANY);
}

function goesOn(before: Report, after: Report): boolean {
  return !after.jump && Date.parse(after.client_time) - Date.parse(before.client_time) <= PAUSE;
}

export function areReports(value: unknown): value is Report[] {
  return Array.isArray(value) && value.every((each) => isRecord(each) && typeof each.key === 'string' && typeof each.chapter === 'number');
}

export function isPlace(value: unknown): value is Place {
  return isRecord(value) && typeof value.chapter === 'number' && typeof value.cfi === 'string' && typeof value.fraction === 'number';
}
