/** Lets one at a time through, in the order in which they come. */
export class Mutex {
  #last: Promise<void> = Promise.resolve();
  #leave = () => {};

  /** Resolves when it is the caller's turn, which lasts until it calls `unlock`. */
  async lock(): Promise<void> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    this.#leave = resolve;
  }

  unlock(): void {
    this.#leave();
  }
}
