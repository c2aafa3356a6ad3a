import { markLonelyFloats } from './floats';
import { markWideTables } from './tables';

/** Finds what has no room in its column; floats of vertical text, which runs the other way, are left as they are. */
export function fit(doc: Document, vertical: boolean): void {
  markWideTables(doc);
  if (!vertical) markLonelyFloats(doc);
}
