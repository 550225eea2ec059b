import { settlesWithin } from '../http/settles-within.ts';
import type { Deadline } from './deadline.ts';
import { leftOf } from './deadline.ts';

/** Resolves when other requests have had their turn on the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Milliseconds that a loop runs before others have their turn. */
const TURN_MS = 20;

/** For a long loop: call it in each round, and wait for its answer when there is one. */
export function turns(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < TURN_MS) return undefined;
    return nextTurn().then(() => {
      since = performance.now();
    });
  };
}

/** How long a task waits for its turn. */
interface Wait {
  readonly deadline: Deadline;
  readonly signal?: AbortSignal | undefined;
  /** The error of a task whose turn does not come before the deadline. */
  readonly late: () => Error;
}

/** Runs a few tasks at a time. The others wait in their order. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  /** @param wait when a waiting task gives up; by default never. @throws the error of `wait` */
  async take<T>(task: () => Promise<T>, wait?: Wait): Promise<T> {
    if (this.#free > 0) this.#free--;
    else {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      if (wait === undefined) await promise;
      else if (!(await settlesWithin(promise, leftOf(wait.deadline), wait.signal))) {
        // When the task is not waiting any more, its turn came in the same moment.
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
