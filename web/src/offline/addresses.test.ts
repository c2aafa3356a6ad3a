import { describe, expect, it } from 'vitest';
import { cacheOf, isAway, isBookCache, isCacheOf, wayOf } from './addresses';

const FILES = ['/', '/icon.svg', '/assets/index-1.js'];
const way = (address: string, page = false) => wayOf(new URL(address, 'http://here'), page, FILES);

describe('how an address is answered', () => {
  it('pages of the app by the one page there is', () => {
    expect(way('/read/0189?chapter=3', true)).toEqual({ how: 'page', key: '/' });
    expect(way('/', true)).toEqual({ how: 'file', key: '/' });
    expect(way('/licences.txt', true)).toBeNull();
    expect(way('/read/0189')).toBeNull();
  });

  it('what never changes from what is kept first', () => {
    expect(way('/assets/index-1.js')?.how).toBe('asset');
    expect(way('/assets/of-another-version.js')?.how).toBe('asset');
    expect(way('/icon.svg')?.how).toBe('file');
    expect(way('/api/v1/books/b1/resources/v1/text/one.xhtml')).toEqual({ how: 'resource', key: '/api/v1/books/b1/resources/v1/text/one.xhtml', book: 'b1' });
  });

  it('files of a book under one spelling of their names', () => {
    const key = '/api/v1/books/b1/resources/v1/a%2Cb%20%C3%A9.png';
    for (const name of ['a,b é.png', 'a%2Cb%20é.png', 'a%2cb%20%c3%a9.png?x#y']) expect(way(`/api/v1/books/b1/resources/v1/${name}`)).toMatchObject({ key });
    expect(way('/api/v1/books/b1/resources/v1/100%.png')).toMatchObject({ key: '/api/v1/books/b1/resources/v1/100%.png' });
  });

  it('what a book needs from the server first', () => {
    expect(way('/api/v1/books/b1')).toEqual({ how: 'book', key: '/api/v1/books/b1', book: 'b1', lively: true });
    expect(way('/api/v1/books/b1/annotations?limit=200')).toMatchObject({ key: '/api/v1/books/b1/annotations', lively: true });
    expect(way('/api/v1/books/b1/manifest')).toMatchObject({ lively: false });
    expect(way('/api/v1/books/b1/cover?v=abc')).toMatchObject({ key: '/api/v1/books/b1/cover' });
    expect(way('/api/v1/illustrations/i1/image?width=640')).toEqual({ how: 'picture', key: '/api/v1/illustrations/i1/image' });
  });

  it('nothing else of the API at all', () => {
    for (const address of ['books', 'books?limit=60', 'books/b1/file', 'books/b1/resources', 'books/b1/search?q=x', 'books/b1/annotations?cursor=x', 'books/b1/annotations?chapter=2', 'jobs', 'events', 'tokens', 'statistics', 'illustrations/i1/image?download=true']) {
      expect(way(`/api/v1/${address}`), address).toBeNull();
    }
    expect(way('/api/v1/books', true)).toBeNull();
    expect(way('/health/live')).toBeNull();
    expect(way('/sw.js')).toBeNull();
  });
});

describe('caches', () => {
  it('belong to a person', () => {
    const name = cacheOf('ada', 'b1');
    expect(isBookCache(name)).toBe(true);
    expect(isCacheOf(name, 'ada')).toBe(true);
    expect(isCacheOf(name, 'ad')).toBe(false);
    expect(isBookCache('bookreader-shell:1')).toBe(false);
  });
});

describe('a server that is not there', () => {
  it('is told from one that is there and busy', () => {
    expect(isAway(502, 'text/html')).toBe(true);
    expect(isAway(503, 'text/html')).toBe(true);
    expect(isAway(503, 'application/problem+json')).toBe(false);
    expect(isAway(500, null)).toBe(false);
    expect(isAway(404, 'application/problem+json')).toBe(false);
  });
});
