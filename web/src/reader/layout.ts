import type { Layout } from '../engine';
import type { Settings } from './settings';

/** Lines no longer than this many times the letters' size, and the space beside the text as a share of the width. */
const MEASURE = { narrow: 42, normal: 33, wide: 26 } as const;
const SIDE = { narrow: 0.045, normal: 0.062, wide: 0.1 } as const;
/** A column narrower than this many times the size breaks too many words; from there on two columns are better than one. */
const NARROWEST = 20;
const LEAST_SIDE = 16;
const MOST_SIDE = { narrow: 48, normal: 64, wide: 104 } as const;

/** Room that the signs beside passages need within a page, which has half of the side. */
const SIGNS = 36;

/** How far the page's element reaches over each edge of the visible page, so that signs have room beside narrow margins. */
export const bleedOf = (width: number, settings: Settings): number => Math.max(0, SIGNS - sideOf(width, settings));

/** How a page is cut, of whose element `width` and `height` are the size, bleed included. CSS pixels. */
export function layoutOf(width: number, height: number, settings: Settings): Layout {
  const side = Math.max(SIGNS, sideOf(width, settings));
  const columns = columnsOf(width, height, side, settings);
  const longest = Math.round(MEASURE[settings.margins] * settings.size + side);
  // The library makes a second column as soon as the width exceeds the measure, so that one column needs a wider one.
  const measure = columns === 1 ? longest : Math.min(longest, Math.floor(width / 2) - 1);
  return { flow: settings.flow, columns, measure, side, head: width < 640 ? 8 : 20 };
}

function sideOf(width: number, settings: Settings): number {
  return Math.round(Math.min(MOST_SIDE[settings.margins], Math.max(LEAST_SIDE, width * SIDE[settings.margins])));
}

function columnsOf(width: number, height: number, side: number, settings: Settings): number {
  if (settings.flow === 'scrolled' || settings.columns === 'one') return 1;
  if (settings.columns === 'two') return 2;
  const each = (width - 3 * side) / 2;
  return width > height && each >= NARROWEST * settings.size ? 2 : 1;
}
