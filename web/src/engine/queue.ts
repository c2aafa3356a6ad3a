/** Does one thing after the other: the renderer ignores what comes while it is busy. */
export class Queue {
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;
  #era = 0;

  /** How many tasks have not ended. */
  get length(): number {
    return this.#waiting;
  }

  /** Runs a task after all before it. Resolves when it has ended, or was dropped by `drop`. */
  add(task: () => Promise<void>): Promise<void> {
    const era = this.#era;
    this.#waiting += 1;
    const run = async (): Promise<void> => {
      try {
        if (era === this.#era) await task();
      } finally {
        this.#waiting -= 1;
      }
    };
    this.#tail = this.#tail.then(run, run);
    return this.#tail;
  }

  /** Forgets what has not begun, as when the reader jumps elsewhere. */
  drop(): void {
    this.#era += 1;
  }
}
