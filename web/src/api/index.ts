import type { components } from './types';

export { addressOf, call, onSignedOut, sendFile } from './client';
export { Problem } from './problem';

type Schemas = components['schemas'];
export type Me = Schemas['Me'];
export type Site = Schemas['Site'];
export type Token = Schemas['Token'];
export type Book = Schemas['BookShown'];
export type Chapter = Schemas['ChapterShown'];
export type Manifest = Schemas['Manifest'];
export type ContentsEntry = Schemas['ContentsEntry'];
export type Description = Schemas['DescriptionShown'];
export type Kind = Schemas['Kind'];
export type Illustration = Schemas['IllustrationShown'];
export type Cast = Schemas['CastShown'];
export type Sheet = Schemas['SheetShown'];
export type Fact = Schemas['FactShown'];
export type Aspect = Schemas['Aspect'];
export type Job = Schemas['JobShown'];
export type Place = Schemas['PlaceShown'];
export type Progress = Schemas['Progress'];
export type Offer = Schemas['Offer'];
export type Annotation = Schemas['AnnotationShown'];
export type SearchHit = Schemas['SearchHit'];
export type Statistics = Schemas['Statistics'];
