import { settlesWithin } from '../http/settles-within.ts';
import type { Deadline } from './deadline.ts';
import { leftOf } from './deadline.ts';

/** Resolves when other requests have had their turn on the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets a few tasks run at a time; the others wait in the order they came. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  /** @param late makes the error of a task whose turn does not come until the deadline; without both it waits for ever */
  async take<T>(task: () => Promise<T>, deadline?: Deadline, late?: () => Error): Promise<T> {
    if (this.#free > 0) this.#free--;
    else {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      if (deadline === undefined) await promise;
      else if (!(await settlesWithin(promise, leftOf(deadline)))) {
        const at = this.#waiting.indexOf(resolve);
        if (at >= 0) this.#waiting.splice(at, 1);
        // Its turn may have come in the same moment.
        if (at >= 0) throw late?.();
      }
    }
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
