import { isRecord } from '../ui/kept';

export const FACES = ['literata', 'golos', 'book', 'system'] as const;
export const MARGINS = ['narrow', 'normal', 'wide'] as const;
export const FLOWS = ['paginated', 'scrolled'] as const;
export const PICTURES = ['beside', 'text', 'sign'] as const;
export const COLUMNS = ['auto', 'one', 'two'] as const;

/** How the text is set on this device. `size` in CSS pixels, `leading` in lines; `pictures`: beside the text where there is room, in the text, or only a sign that opens them. */
export type Settings = {
  face: (typeof FACES)[number];
  size: number;
  leading: number;
  margins: (typeof MARGINS)[number];
  flow: (typeof FLOWS)[number];
  columns: (typeof COLUMNS)[number];
  justify: boolean;
  hyphenate: boolean;
  pictures: (typeof PICTURES)[number];
};

export const SIZES = [13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 24, 26, 28, 31, 34, 38] as const;
export const LEADINGS = [1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 2, 2.2] as const;

const FAMILIES: Readonly<Record<Settings['face'], string | null>> = {
  literata: '"Literata", "Source Serif 4", Georgia, "PT Serif", serif',
  golos: '"Golos Text", "PT Sans", "Segoe UI", Roboto, sans-serif',
  system: 'system-ui, sans-serif',
  book: null,
};

/** The CSS family of a choice; null leaves the book's own. */
export const familyOf = (face: Settings['face']): string | null => FAMILIES[face];

/** The usual setting; a phone is held nearer, so its letters are a little smaller. */
export function usual(phone: boolean): Settings {
  return { face: 'literata', size: phone ? 18 : 19, leading: 1.6, margins: 'normal', flow: 'paginated', columns: 'auto', justify: false, hyphenate: true, pictures: 'beside' };
}

/** The next choice of a list above or below a value; the value itself at the end of the list. */
export function step(list: readonly number[], value: number, by: 1 | -1): number {
  return (by === 1 ? list.find((each) => each > value) : list.findLast((each) => each < value)) ?? value;
}

/** What was kept, where it is a possible choice; older or broken records lose only what does not fit. */
export function fitting(value: unknown): Partial<Settings> {
  if (!isRecord(value)) return {};
  const found: Partial<Settings> = {
    face: among(FACES, value.face),
    margins: among(MARGINS, value.margins),
    flow: among(FLOWS, value.flow),
    columns: among(COLUMNS, value.columns),
    size: within(SIZES, value.size),
    leading: within(LEADINGS, value.leading),
    justify: yesNo(value.justify),
    hyphenate: yesNo(value.hyphenate),
    pictures: among(PICTURES, value.pictures),
  };
  return Object.fromEntries(Object.entries(found).filter(([, each]) => each !== undefined));
}

function among<T extends string>(list: readonly T[], value: unknown): T | undefined {
  return list.find((each) => each === value);
}

function within(list: readonly number[], value: unknown): number | undefined {
  const [least = 0, most = 0] = [list[0], list.at(-1)];
  return typeof value === 'number' && value >= least && value <= most ? value : undefined;
}

const yesNo = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);
