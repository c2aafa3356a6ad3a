export { compare as compareCfi } from './cfi';
export { Engine, openBook } from './engine';
export { pageAt, placeAt, placeOfPage } from './progress';
export { type Colours, facesOf, stylesOf, type Type } from './styles';
export { TINTS } from './types';
export type * from './types';
