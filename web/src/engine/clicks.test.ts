import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Clicks } from './clicks';

describe('clicks', () => {
  let clicks = new Clicks();
  const act = vi.fn();
  const prevented = vi.fn();
  const click = (detail: number, onWords: boolean): void => {
    clicks.press({ detail, preventDefault: prevented } as unknown as MouseEvent);
    clicks.release(act, onWords);
  };

  beforeEach(() => {
    vi.useFakeTimers();
    vi.clearAllMocks();
    clicks = new Clicks();
  });
  afterEach(() => void vi.useRealTimers());

  it('beside words act at once, each of them', () => {
    click(1, false);
    click(2, false);
    expect(act).toHaveBeenCalledTimes(2);
    expect(prevented).toHaveBeenCalledOnce();
  });

  it('on words act when no other follows', () => {
    click(1, true);
    expect(act).not.toHaveBeenCalled();
    vi.runAllTimers();
    expect(act).toHaveBeenCalledOnce();
  });

  it('on words select when two or three follow each other', () => {
    for (const detail of [1, 2, 3]) click(detail, true);
    vi.runAllTimers();
    expect(act).not.toHaveBeenCalled();
    expect(prevented).not.toHaveBeenCalled();
  });

  it('that come after the page was turned mean the new page', () => {
    click(1, true);
    vi.runAllTimers();
    click(2, true);
    vi.runAllTimers();
    expect(act).toHaveBeenCalledTimes(2);
    expect(prevented).toHaveBeenCalledOnce();
  });

  it('elsewhere let the one before act first', () => {
    click(1, true);
    click(1, true);
    expect(act).toHaveBeenCalledOnce();
  });
});
