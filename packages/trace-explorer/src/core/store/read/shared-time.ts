import type { Deadline } from '../../../lib/time/deadline.ts';
import { moveOn } from '../../../lib/time/deadline.ts';
import { ownTime } from './own-time.ts';

/** Counts the time that requests use, by their deadlines. Statements that run at the same time share it equally. */
export class SharedTime {
  readonly #running: Deadline[] = [];
  readonly #sinceLast = ownTime();

  /** Runs a statement of a request. */
  async during<T>(deadline: Deadline, statement: () => Promise<T>): Promise<T> {
    this.share();
    this.#running.push(deadline);
    try {
      return await statement();
    } finally {
      this.share();
      this.#running.splice(this.#running.indexOf(deadline), 1);
    }
  }

  /** Counts the time until now. */
  share(): void {
    const { own, others } = this.#sinceLast();
    for (const deadline of this.#running) deadline.used += own / this.#running.length;
    for (const deadline of new Set(this.#running)) moveOn(deadline, others);
  }
}
