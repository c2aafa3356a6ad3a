import { describe, expect, it } from 'vitest';
import { addressOf, targetOf } from './address';
import type { Publication } from './types';

const book = { base: '/api/v1/books/1/resources/v/', sections: [{ number: 1, href: 'text/глава 1.xhtml' }, { number: 2, href: 'b.xhtml' }] } as unknown as Publication;

describe('addresses of resources', () => {
  it('are written for the web, segment by segment', () => {
    expect(addressOf(book, 'text/глава 1.xhtml')).toBe('/api/v1/books/1/resources/v/text/%D0%B3%D0%BB%D0%B0%D0%B2%D0%B0%201.xhtml');
  });

  it('lead back to the chapter and the place in it', () => {
    const address = `http://127.0.0.1:8000${addressOf(book, 'text/глава 1.xhtml')}#n%C3%A9`;
    expect(targetOf(book, address)).toEqual({ chapter: 1, fragment: 'né' });
    expect(targetOf(book, 'http://127.0.0.1:8000/api/v1/books/1/resources/v/style.css')).toBeNull();
    expect(targetOf(book, 'https://example.org/b.xhtml')).toBeNull();
  });
});
