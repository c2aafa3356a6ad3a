import { READS } from './blocks';
import { ALONE } from './floats';
import { WIDE } from './tables';

/** How the text is set. `size` in CSS pixels, `leading` in lines; `family` null leaves the book's own typefaces. */
export type Type = { family: string | null; size: number; leading: number; justify: boolean; hyphenate: boolean };

/** The colours of the page. `strict` takes the book's own colours away: dark letters would vanish on dark paper. */
export type Colours = { paper: string; ink: string; quiet: string; accent: string; selection: string; dark: boolean; strict: boolean };

/** Two style sheets for a chapter: one that the book's own overrides, and one that overrides the book's. */
export function stylesOf(type: Type, colours: Colours, faces: string): [string, string] {
  return [`${faces}\n${HOUSE}`, [page(type, colours), text(type), family(type), colours.strict ? STRICT : ''].join('\n')];
}

/** How a book without styles of its own looks. */
const HOUSE = `
p { margin: 0; orphans: 2; widows: 2; text-wrap: pretty; }
p + p { text-indent: 1.5em; }
h1, h2, h3, h4 { line-height: 1.2; font-weight: 600; text-wrap: balance; }
h1, h2 { text-align: center; margin: 1.2em 0 1.6em; font-size: 1.45em; letter-spacing: -.005em; }
h3, h4 { margin: 1.2em 0 .6em; font-size: 1.15em; }
blockquote { margin: 1em 0 1em 1.5em; }
hr { border: 0; border-top: 1px solid; width: 22%; margin: 1.6em auto; opacity: .4; }
sup, sub { line-height: 0; }
td, th { padding: .2em .6em; vertical-align: top; text-align: start; }
:where([${READS}="prose"] > :is(h3, h4, h5, h6, table)) { text-align: start; }
`;

/** A table that scrolls has a shadow at each side where it goes on: paper that moves with its columns covers it at their ends. */
const WIDE_TABLE = `
table[${WIDE}] {
  --shade: color-mix(in srgb, currentColor 28%, transparent), transparent;
  display: block; overflow: auto; max-inline-size: 100%; max-block-size: calc(88 * var(--page-vh, 1vh));
  background:
    linear-gradient(to right, var(--theme-bg-color) 40%, transparent) local 0 0 / 2.5em 100% no-repeat,
    linear-gradient(to left, var(--theme-bg-color) 40%, transparent) local 100% 0 / 2.5em 100% no-repeat,
    radial-gradient(farthest-side at 0 50%, var(--shade)) 0 0 / .8em 100% no-repeat,
    radial-gradient(farthest-side at 100% 50%, var(--shade)) 100% 0 / .8em 100% no-repeat;
}
/* Where there is room to the side, words need not stand one below the other. */
table[${WIDE}] :is(td, th) { min-inline-size: 6em; }`;

const STRICT = `
body *:not(svg, svg *) { color: inherit !important; border-color: currentColor !important; background-color: transparent !important; }
body a:any-link { color: var(--reader-accent) !important; }
`;

function page(type: Type, colours: Colours): string {
  return `
@namespace epub "http://www.idpf.org/2007/ops";
html {
  --theme-bg-color: ${colours.paper}; --reader-accent: ${colours.accent}; --reader-picture: ${colours.dark ? 'brightness(.8)' : 'none'};
  color-scheme: ${colours.dark ? 'dark' : 'light'}; color: ${colours.ink} !important; background: none !important;
  font-size: ${type.size}px !important; font-variant-numeric: oldstyle-nums; -webkit-text-size-adjust: none; text-size-adjust: none;
}
body { color: inherit !important; background-color: transparent !important; font-size: 1rem !important; }
a:any-link { color: inherit; text-decoration-color: ${colours.quiet}; text-underline-offset: .18em; }
sup, sub, a[epub|type~="noteref"] { line-height: 0 !important; }
sup a:any-link, a:any-link > sup, a[epub|type~="noteref"] { color: var(--reader-accent) !important; text-decoration: none; }
::selection { background: ${colours.selection}; color: inherit; }
img, svg, video { max-inline-size: 100%; }
${WIDE_TABLE}
[${ALONE}] { float: none !important; display: block; margin-inline: auto !important; }
pre { white-space: pre-wrap !important; overflow-wrap: anywhere; }
html[data-reader="flow"] :is(body, body *) { position: static !important; width: auto !important; height: auto !important; }
`;
}

function text(type: Type): string {
  const hyphens = type.hyphenate ? 'auto' : 'manual';
  const edge = type.justify ? 'justify' : 'start';
  return `
html { line-height: ${type.leading}; }
p, li, blockquote, dd, dt, [${READS}] { line-height: ${type.leading} !important; }
p, li, blockquote, dd, [${READS}="prose"] { hyphens: ${hyphens}; -webkit-hyphens: ${hyphens}; hanging-punctuation: allow-end last; }
:is(p, li, blockquote, dd):where(:not(${SET_APART})) { text-align: ${edge}; }
[${READS}="prose"] { text-align: ${edge} !important; }
[align="left"] { text-align: left; } [align="right"] { text-align: right; } [align="center"] { text-align: center; }
h1, h2, h3, h4, h5, h6 { hyphens: manual; -webkit-hyphens: manual; }
`;
}

function family(type: Type): string {
  if (type.family === null) return '';
  return `
html { font-family: ${type.family}; }
body, body *:not(code, pre, kbd, samp, tt, pre *, code *, math, math *, svg, svg *) { font-family: inherit !important; }
`;
}

/** Paragraphs whose alignment is part of what they say: titles, and what the book centres or pushes to the right. */
const SET_APART = ['hgroup', 'header', 'figure', 'th', '[class*="cent" i]', '[class*="titl" i]', '[class*="right" i]', '[style*="text-align"]']
  .flatMap((each) => [each, `${each} *`])
  .join(', ');

/** The font faces of the app whose family is named, for use inside a frame: addresses are absolute already. */
export function facesOf(sheets: Iterable<CSSStyleSheet>, named: string): string {
  const faces: string[] = [];
  for (const sheet of sheets) {
    for (const rule of sheet.cssRules) {
      if (rule.type === 5 && named.includes((rule as CSSFontFaceRule).style.getPropertyValue('font-family'))) faces.push(rule.cssText);
    }
  }
  return faces.join('\n');
}
