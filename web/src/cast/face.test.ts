import { describe, expect, it } from 'vitest';
import { drawFace } from './face';

describe('an initial', () => {
  it('is the same for a seed, and another for another', () => {
    expect(drawFace(7)).toEqual(drawFace(7));
    expect(drawFace(7).rays).not.toBe(drawFace(8).rays);
  });

  it('has rays that begin outside its disc', () => {
    const { rays, width, height, disc } = drawFace(123456789);
    const starts = [...rays.matchAll(/M(-?[\d.]+) (-?[\d.]+)Q/g)];
    expect(starts.length).toBeGreaterThan(50);
    for (const [, x, y] of starts) expect(Math.hypot(Number(x) - width / 2, Number(y) - height / 2)).toBeGreaterThan(disc);
  });
});
