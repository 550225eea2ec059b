import { AsyncLocalStorage } from 'node:async_hooks';
import type { AcceptQueue } from './accept-queue.ts';

/**
 * Gives requests their turn, in the order in which they came.
 *
 * A turn of the event loop goes on with all requests under way and takes one new connection. With hundreds under way,
 * the last of hundreds of new connections is taken after seconds, while those that were taken before are answered time
 * and again. So while connections wait, only a few requests are under way, and others wait for one of them to end.
 */
export class RequestTurns {
  readonly #acceptQueue: AcceptQueue;
  readonly #atATime: number;
  readonly #waiting = new Set<() => void>();
  #underWay = 0;
  #isScheduled = false;

  /** @param atATime requests under way while connections wait */
  constructor(acceptQueue: AcceptQueue, atATime: number) {
    this.#acceptQueue = acceptQueue;
    this.#atATime = atATime;
    acceptQueue.onEmpty(() => this.#next());
  }

  /**
   * Calls `begin` when it is a request's turn, which may be at once.
   * @returns to be called when the request has ended, whether or not it had its turn
   */
  enter(begin: () => void): () => void {
    const isFree = this.#underWay < this.#atATime || this.#acceptQueue.length === 0;
    if (isFree && this.#waiting.size === 0) {
      this.#underWay++;
      begin();
      return () => this.#leave();
    }
    // Whoever ends makes it begin, and that is not where its spans belong.
    const beginInPlace = AsyncLocalStorage.bind(begin);
    this.#waiting.add(beginInPlace);
    this.#next();
    return () => {
      if (!this.#waiting.delete(beginInPlace)) this.#leave();
    };
  }

  #leave(): void {
    this.#underWay--;
    this.#next();
  }

  #next(): void {
    while (this.#underWay < this.#atATime && this.#begin()) {}
    if (this.#waiting.size === 0 || this.#acceptQueue.length > 0 || this.#isScheduled) return;
    // One in each turn: were all of them to begin at once, connections would wait again.
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#acceptQueue.length === 0) this.#begin();
      this.#next();
    });
  }

  /** Lets the first of those that wait begin; false when there is none. */
  #begin(): boolean {
    const [begin] = this.#waiting;
    if (begin === undefined) return false;
    this.#waiting.delete(begin);
    this.#underWay++;
    begin();
    return true;
  }
}
