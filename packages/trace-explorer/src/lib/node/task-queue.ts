import type { Deadline } from '../time/deadline.ts';
import { leftOf } from '../time/deadline.ts';
import { settlesWithin } from './settles-within.ts';

/** Resolves when other requests have had their turn on the event loop. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Milliseconds that a loop runs before others have their turn. */
const TURN_MS = 20;

/** For a long loop: call it in each round, and wait for its answer when there is one. */
export function loopYielder(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < TURN_MS) return undefined;
    return yieldToEventLoop().then(() => {
      since = performance.now();
    });
  };
}

/** How long a task waits for its turn. */
interface Wait {
  readonly deadline: Pick<Deadline, 'at'>;
  readonly signal?: AbortSignal | undefined;
  /** The error of a task whose turn does not come before the deadline. */
  readonly late: () => Error;
}

/** A task that waits for its turn. */
export interface Turn<About> {
  readonly about: About;
  /** Since when it waits, by `performance.now()`. */
  readonly since: number;
  readonly start: () => void;
  readonly refuse: (error: Error) => void;
}

/** Chooses which waiting task begins now, beside those that run. Undefined where all of them have to wait. */
type ChooseTurn<About> = (
  waiting: readonly Turn<About>[],
  running: readonly About[],
) => Turn<About> | undefined;

/** Whether a turn comes before its deadline, which may move on meanwhile. */
async function comesInTime(turn: Promise<void>, { deadline, signal }: Wait): Promise<boolean> {
  for (;;) {
    if (await settlesWithin(turn, leftOf(deadline), signal)) return true;
    if (signal?.aborted || leftOf(deadline) === 0) return false;
  }
}

/** Runs a few tasks at a time. The others wait: in their order, or until they are chosen. */
export class TaskQueue<About = undefined> {
  readonly #choose: ChooseTurn<About>;
  readonly #waiting: Turn<About>[] = [];
  readonly #running: About[] = [];

  /** @param choose or the number of tasks that run at a time */
  constructor(choose: ChooseTurn<About> | number) {
    this.#choose =
      typeof choose === 'function'
        ? choose
        : (waiting, running) => (running.length < choose ? waiting[0] : undefined);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Refuses the tasks that wait. Those that run go on. */
  refuseWaiting(error: Error): void {
    for (const { refuse } of this.#waiting.splice(0)) refuse(error);
  }

  /**
   * @param wait when a waiting task gives up; by default never
   * @param about what the choice needs to know
   * @throws the error of `wait`
   */
  async take<T>(task: () => Promise<T>, wait?: Wait, about = undefined as About): Promise<T> {
    const { promise, resolve: start, reject: refuse } = Promise.withResolvers<void>();
    const turn: Turn<About> = { about, since: performance.now(), start, refuse };
    this.#waiting.push(turn);
    this.#startNext();
    if (!this.#waiting.includes(turn)) return this.#run(task, about);
    if (wait !== undefined && !(await comesInTime(promise, wait))) {
      // When the task is not waiting any more, its turn came in the same moment.
      const at = this.#waiting.indexOf(turn);
      if (at >= 0) {
        this.#waiting.splice(at, 1);
        this.#startNext();
        wait.signal?.throwIfAborted();
        throw wait.late();
      }
    }
    await promise;
    return this.#run(task, about);
  }

  async #run<T>(task: () => Promise<T>, about: About): Promise<T> {
    try {
      return await task();
    } finally {
      this.#running.splice(this.#running.indexOf(about), 1);
      this.#startNext();
    }
  }

  #startNext(): void {
    for (;;) {
      const turn = this.#waiting.length > 0 ? this.#choose(this.#waiting, this.#running) : undefined;
      if (turn === undefined) return;
      this.#waiting.splice(this.#waiting.indexOf(turn), 1);
      this.#running.push(turn.about);
      turn.start();
    }
  }
}
