import { settlesWithin } from '../http/settles-within.ts';
import type { Deadline } from './deadline.ts';
import { leftOf } from './deadline.ts';

/** Resolves when other requests have had their turn on the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** How long a task waits for its turn. */
interface Wait {
  readonly deadline: Deadline;
  readonly signal?: AbortSignal | undefined;
  /** The error of a task whose turn does not come until the deadline. */
  readonly late: () => Error;
}

/** Lets a few tasks run at a time; the others wait in the order they came. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  /** @param wait when a task gives up that waits for its turn; by default it waits for ever @throws the error of `wait` */
  async take<T>(task: () => Promise<T>, wait?: Wait): Promise<T> {
    if (this.#free > 0) this.#free--;
    else {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      if (wait === undefined) await promise;
      else if (!(await settlesWithin(promise, leftOf(wait.deadline), wait.signal))) {
        // Its turn may have come in the same moment.
        const at = this.#waiting.indexOf(resolve);
        if (at >= 0) {
          this.#waiting.splice(at, 1);
          wait.signal?.throwIfAborted();
          throw wait.late();
        }
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
