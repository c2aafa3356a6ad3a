import type { Description, Illustration, Kind } from '../api';

/** A passage that has a picture or may get one. `read` is the address of its place in the reader, empty inside it. */
export type Passage = { id: string; text: string; kind: Kind; chapter: number; where: string; read: string };

/** What a dialog begins with: the service, the style and the words of an earlier picture. */
export type Start = { service: string; style: string | null; prompt: string };

/** What was asked for: a picture of a passage, a look at its pictures, many pictures, or the book's manner. */
export type Asked =
  | { what: 'illustrate'; passage: Passage; start?: Start }
  | { what: 'view'; passage: Passage; image: string }
  | { what: 'batch' }
  | { what: 'direction' };

type Place = Pick<Passage, 'where' | 'read'>;

export const ofDescription = (one: Description, place: Place): Passage => ({ id: one.id, text: one.text, kind: one.type, chapter: one.chapter, ...place });
export const ofPicture = (one: Illustration, place: Place): Passage => ({ id: one.description_id, text: one.quote, kind: one.type as Kind, chapter: one.chapter, ...place });

/** The people and places that a passage names. */
export function namesOf(entities: readonly unknown[]): readonly string[] {
  return entities.flatMap((entity) => {
    if (typeof entity === 'string') return [entity];
    const name = (entity as { name?: unknown } | null)?.name;
    return typeof name === 'string' ? [name] : [];
  });
}
