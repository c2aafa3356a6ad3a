import type { Place } from '../engine';
import { isRecord } from '../ui/kept';

/** A place as the server takes it. */
export type Report = { chapter: number; cfi: string; quote: string | null; device: string; client_time: string; key: string; jump: boolean };

/** Reports beyond this are thinned: of the turns of one stretch its first and last stay, and every jump. */
const MANY = 150;
/** What the server takes at once. */
export const BATCH = 200;

/** The reports after one more. */
export function withReport(reports: readonly Report[], next: Report): readonly Report[] {
  const all = [...reports, next];
  return all.length > MANY ? thinned(all) : all;
}

function thinned(reports: readonly Report[]): readonly Report[] {
  const inner = (index: number): boolean => {
    const [own, after] = [reports[index], reports[index + 1]];
    return index > 0 && own !== undefined && !own.jump && after !== undefined && !after.jump;
  };
  const kept = reports.filter((_, index) => !inner(index));
  return kept.slice(-BATCH);
}

export function areReports(value: unknown): value is Report[] {
  return Array.isArray(value) && value.every((each) => isRecord(each) && typeof each.key === 'string' && typeof each.chapter === 'number');
}

export function isPlace(value: unknown): value is Place {
  return isRecord(value) && typeof value.chapter === 'number' && typeof value.cfi === 'string' && typeof value.fraction === 'number';
}
