export { compare as compareCfi } from './cfi';
export { Engine, openBook } from './engine';
export { neighbour, pageAt, pageOf, placeAt, placeOfPage, totalOf } from './progress';
export { type Colours, facesOf, stylesOf, type Type } from './styles';
export { TINTS } from './types';
export type * from './types';
