import { AsyncLocalStorage } from 'node:async_hooks';
import { problems } from '../errors.ts';

const storage = new AsyncLocalStorage<Work>();

/** What is done for one request, as its database statements need to know it. */
export class Work {
  /** When the result becomes useless, on the clock of `performance.now()`. */
  readonly deadline: number;
  #isAbandoned = false;

  constructor(deadline: number) {
    this.deadline = deadline;
  }

  /** Says that nobody waits for the result any more. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  /** Milliseconds until the deadline; negative past it. */
  get millisecondsLeft(): number {
    return this.deadline - performance.now();
  }

  /** True once nobody waits for the result: no statement starts any more, and nothing is committed. */
  get isOver(): boolean {
    return this.#isAbandoned || this.millisecondsLeft <= 0;
  }
}

/**
 * Runs `run` as part of `work`, so that its database statements keep to the work's deadline.
 *
 * @example
 * await runWork(new Work(performance.now() + 2000), () => db.selectFrom('users').selectAll().execute());
 */
export function runWork<T>(work: Work, run: () => T): T {
  return storage.run(work, run);
}

/** The work that is being done; undefined outside of a request, as for migrations. */
export function activeWork(): Work | undefined {
  return storage.getStore();
}

/** @throws Problem DEADLINE_EXCEEDED when nobody waits for the active work any more */
export function assertWorkIsWanted(): void {
  if (storage.getStore()?.isOver === true) throw problems.DEADLINE_EXCEEDED();
}
