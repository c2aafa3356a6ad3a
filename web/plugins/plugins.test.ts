import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { patch, styleBlock } from './foliate';
import { digest, scriptOf, withTheme } from './policy';
import { filesOf, readingPageOf } from './reading';
import { withSystemTheme } from './system-theme';

const paginator = readFileSync('node_modules/foliate-js/paginator.js', 'utf8');

describe('the installed rendering library', () => {
  it('loses scripts and the pause', () => {
    const code = patch('paginator.js', paginator);
    expect(code).toContain("navigator.vendor.startsWith('Apple')");
    expect(code).not.toContain('await wait(100)');
  });

  it('tells a chapter its width before it counts the pages', () => {
    expect(patch('paginator.js', paginator)).toMatch(/documentElement\.style\[side\] = `\$\{this\.#size\}px`\s+const contentRect/);
  });

  it('tells of a document that did not come, in both renderers', () => {
    const fixed = readFileSync('node_modules/foliate-js/fixed-layout.js', 'utf8');
    expect(patch('paginator.js', paginator)).toContain("this.container.dispatchEvent(new CustomEvent('refused'))");
    expect(patch('fixed-layout.js', fixed)).toContain("this.dispatchEvent(new CustomEvent('refused'))");
  });

  it('shows a chapter in the frame that it was loaded in ahead, and in no other', () => {
    const code = patch('paginator.js', paginator);
    expect(code).toMatch(/this\.fetch\(src\)\.then\(show\)/);
    expect(code).toMatch(/const view = this\.#createView\(src\)/);
    expect(code).toMatch(/this\.#view = this\.#ahead\?\.view \?\? this\.#addView\(\)/);
  });

  it('turns to what takes the focus out of sight only', () => {
    expect(patch('paginator.js', paginator)).toMatch(/focusin[^}]+this\.#follow\(e\.target\)/);
  });

  it('has one style block, whose digest the policy names', () => {
    expect(digest(styleBlock(paginator))).toMatch(/^sha256-[A-Za-z0-9+/]{43}=$/);
  });

  it('stops the build when a patched line is gone', () => {
    expect(() => patch('paginator.js', 'nothing')).toThrow(/changed/);
    expect(() => styleBlock('nothing')).toThrow(/not found/);
  });
});

describe('the script of the theme', () => {
  const script = scriptOf('// a remark\n(function () {\n  // another\n  var here = "// no remark";\n})();\n');

  it('loses its remarks and nothing else', () => {
    expect(script).toBe('(function () {\nvar here = "// no remark";\n})();\n');
  });

  it('stands in the page as the policy knows it', () => {
    const page = withTheme('<head><!-- theme --></head>', script);
    expect(digest(/<script>([^]*)<\/script>/.exec(page)?.[1] ?? '')).toBe(digest(script));
    expect(() => withTheme('<head></head>', script)).toThrow(/theme/);
  });
});

describe('the dark theme as the system does', () => {
  it('repeats every dark rule under the media query', () => {
    const css = withSystemTheme('[data-theme="dark"] {\n --ink: #fff;\n}\n[data-theme="dark"] .scrim { top: 0 }');
    expect(css).toContain('@media (prefers-color-scheme: dark) {\n  [data-theme="system"] {\n --ink: #fff;\n}');
    expect(css).toContain('[data-theme="system"] .scrim { top: 0 }');
  });

  it('leaves other styles alone', () => {
    expect(withSystemTheme('p { margin: 0 }')).toBe('p { margin: 0 }');
  });
});

describe('the page for reading', () => {
  const page = `<head>
    <script type="module" crossorigin src="/assets/app.js"></script>
    <link rel="modulepreload" crossorigin href="/assets/a.js">
  </head>`;
  const made = readingPageOf(page, ['assets/reader.js', 'assets/a.js', 'assets/b.js', 'assets/b.css']);

  it('names each file once, styles as styles', () => {
    expect(made.match(/a\.js/g)).toHaveLength(1);
    expect(made).toContain('<link rel="modulepreload" crossorigin href="/assets/b.js">\n    <link rel="stylesheet" crossorigin href="/assets/b.css">\n  </head>');
  });

  it('runs the reader, which brings the app along', () => {
    expect([...made.matchAll(/<script type="module" crossorigin src="(.*?)"/g)].map((script) => script[1])).toEqual(['/assets/reader.js']);
    expect(() => readingPageOf('<head>\n  </head>', ['assets/reader.js'])).toThrow(/script/);
  });

  it('stops the build when the reader is not found', () => {
    expect(() => filesOf({})).toThrow(/the reader/);
  });
});
