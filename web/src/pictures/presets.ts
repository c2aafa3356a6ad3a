import engraving from './img/engraving.svg';
import gouache from './img/gouache.svg';
import linocut from './img/linocut.svg';
import oil from './img/oil.svg';
import pastel from './img/pastel.svg';
import pencil from './img/pencil.svg';
import silhouette from './img/silhouette.svg';
import watercolour from './img/watercolour.svg';
import { t } from './words';

const DRAWINGS = { linocut, engraving, watercolour, oil, pencil, gouache, pastel, silhouette };
type Preset = keyof typeof DRAWINGS;

const isPreset = (style: string): style is Preset => style in DRAWINGS;

/** The small drawing of a style; none for a style that is newer than this page. */
export const drawingOf = (style: string): string => (isPreset(style) ? DRAWINGS[style] : '');
export const styleName = (style: string): string => (isPreset(style) ? t(style) : style);
