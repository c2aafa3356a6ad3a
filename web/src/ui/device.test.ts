import { describe, expect, it } from 'vitest';
import { describe as named, shownDevice, uuid } from './device';

describe('a device', () => {
  it('is named by its browser and system', () => {
    expect(named('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36')).toBe('Chrome, Windows');
    expect(named('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1')).toBe('Safari, iPhone');
    expect(named('curl')).toBe('Browser');
  });

  it('is shown without the mark that tells it from its twin', () => {
    expect(shownDevice('Chrome, Linux #1a2b')).toBe('Chrome, Linux');
    expect(shownDevice('Phone')).toBe('Phone');
  });

  it('makes identifiers of version 4', () => {
    expect(uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuid()).not.toBe(uuid());
  });
});
