import { describe, expect, it } from 'vitest';
import { chapterOf, compare, withoutAssertions } from './cfi';

describe('addresses', () => {
  it('name the chapter by their last step before the document', () => {
    expect(chapterOf('epubcfi(/6/4[chap01ref]!/4[body01]/10[para05]/3:10)')).toBe(2);
    expect(chapterOf('epubcfi(/6/12!/4/2,/1:0,/3:20)')).toBe(6);
    expect(chapterOf('epubcfi(/8/2!/4)')).toBe(1);
  });

  it('that are none name no chapter', () => {
    expect(chapterOf('chapter 3')).toBeNull();
    expect(chapterOf('epubcfi(/6/3!/4)')).toBeNull();
  });

  it('lose their assertions, also escaped ones', () => {
    expect(withoutAssertions('/4[body]/2[a^]b]/1:3')).toBe('/4/2/1:3');
  });

  it('have the order of the text', () => {
    expect(compare('epubcfi(/6/4!/4/2/1:5)', 'epubcfi(/6/4!/4/2/1:7)')).toBeLessThan(0);
    expect(compare('epubcfi(/6/6!/4/2/1:0)', 'epubcfi(/6/4!/4/20/1:7)')).toBeGreaterThan(0);
  });
});
