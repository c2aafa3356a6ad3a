import type { Kind } from '../api';
import { catalogue } from '../i18n';
import type { IconName } from './icons';

export const KINDS: readonly Kind[] = ['location', 'character', 'atmosphere', 'object', 'action'];

const words = catalogue({
  en: { location: 'Location', character: 'Character', atmosphere: 'Atmosphere', object: 'Object', action: 'Action' },
  ru: { location: 'Место', character: 'Персонаж', atmosphere: 'Атмосфера', object: 'Предмет', action: 'Действие' },
});

/** The type of a description: a word and an icon, never a colour alone. */
export const kindName = (kind: Kind): string => words(kind);
export const kindIcon = (kind: Kind): IconName => (kind === 'character' ? 'account' : kind);
