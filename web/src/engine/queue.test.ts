import { describe, expect, it } from 'vitest';
import { Queue } from './queue';

describe('the queue of moves', () => {
  it('does one after the other, also after one that failed', async () => {
    const queue = new Queue();
    const done: number[] = [];
    const first = queue.add(async () => {
      await Promise.resolve();
      done.push(1);
      throw new Error('lost');
    });
    const second = queue.add(async () => void done.push(2));
    await expect(first).rejects.toThrow('lost');
    await second;
    expect(done).toEqual([1, 2]);
    expect(queue.length).toBe(0);
  });

  it('forgets presses that have not begun when the reader jumps', async () => {
    const queue = new Queue();
    const done: string[] = [];
    let release = (): void => undefined;
    const turns = [queue.add(() => new Promise<void>((resolve) => (release = resolve))), queue.add(async () => void done.push('turn'))];
    await Promise.resolve();
    queue.drop();
    const jump = queue.add(async () => void done.push('jump'));
    release();
    await Promise.all([...turns, jump]);
    expect(done).toEqual(['jump']);
  });
});
