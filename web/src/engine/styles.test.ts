import { describe, expect, it } from 'vitest';
import { stylesOf } from './styles';

const type = { family: '"Literata", serif', size: 19, leading: 1.6, justify: false, hyphenate: true };
const colours = { paper: '#fff', ink: '#000', quiet: '#888', accent: '#a00', selection: '#fdd', dark: false, strict: false };

describe('the styles of a chapter', () => {
  it('leave the book’s own typefaces when asked to', () => {
    expect(stylesOf(type, colours, '')[1]).toContain('font-family: inherit !important');
    expect(stylesOf({ ...type, family: null }, colours, '')[1]).not.toContain('font-family');
  });

  it('take the book’s colours away only where they would not be seen', () => {
    expect(stylesOf(type, colours, '')[1]).not.toContain('background-color: transparent !important; }\nbody a');
    expect(stylesOf(type, { ...colours, dark: true, strict: true }, '')[1]).toContain('color: inherit !important; border-color');
  });

  it('tell the frame the colour scheme, so that it does not paint its own paper', () => {
    expect(stylesOf(type, { ...colours, dark: true }, '')[1]).toContain('color-scheme: dark');
  });

  it('begin with the fonts, below everything the book says', () => {
    expect(stylesOf(type, colours, '@font-face {}')[0].startsWith('@font-face {}')).toBe(true);
  });
});
