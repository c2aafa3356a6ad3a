import { isInSight, type Sight } from './sight';
import { WIDE } from './tables';

/** What takes the keyboard in a chapter of its own accord. */
const LINKS = 'a[href], a[*|href], summary, audio[controls], video[controls], [tabindex]';

const known = new WeakMap<Document, readonly HTMLElement[]>();

/** Only what is in sight can be reached by Tab: the focus on anything else would take the reader away from the page. */
export function reachWhatIsIn(sight: Sight): void {
  for (const each of [...linksOf(sight.doc), ...sight.doc.querySelectorAll<HTMLElement>(`[${WIDE}]`)]) {
    const wanted = [...each.getClientRects()].some((box) => isInSight(sight, box)) ? 0 : -1;
    if (each.tabIndex !== wanted) each.tabIndex = wanted;
  }
}

/** Found once: later, what the book itself takes out of the reach of Tab could not be told from what is out of sight. */
function linksOf(doc: Document): readonly HTMLElement[] {
  const found = known.get(doc) ?? [...doc.querySelectorAll<HTMLElement>(LINKS)].filter((each) => each.tabIndex >= 0);
  known.set(doc, found);
  return found;
}
