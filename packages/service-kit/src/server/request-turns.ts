import { AsyncLocalStorage } from 'node:async_hooks';
import type { AcceptQueue } from './accept-queue.ts';

/** Connections that wait, per turn of the event loop that begins no request and is left to taking them. */
const CONNECTIONS_PER_TURN = 64;
/** Such turns one after the other, at most: taking connections must not be all that is done. */
const MAX_TURNS_FOR_CONNECTIONS = 4;
/**
 * Refused requests per request that begins in addition to the one of each turn: they cost about as much as it does.
 * Without it, a machine that has time for nothing but refusing would answer nobody.
 */
const REFUSED_PER_BEGUN = 8;
/** Requests that are refused in one turn at most because they have waited for too long; they have no share of it. */
const MAX_REFUSED_PER_TURN = 16;

/**
 * Lets a request begin, or refuses it.
 * @param hasWaited whether others were first
 * @returns whether it has begun
 */
export type Begin = (hasWaited: boolean) => boolean;

interface Entry {
  readonly begin: () => boolean;
  readonly since: number;
  isUnderWay: boolean;
}

/**
 * Gives requests their turn, in the order in which they came.
 *
 * A turn of the event loop goes on with all that has news, and takes one new connection. With many requests under way, or
 * many that begin in it, it takes so long that connections wait for seconds, while those that were taken before are
 * answered time and again. So while connections wait, each turn begins one request, only a few are under way, and
 * the more connections there are, the more turns are for them alone, within limits. Otherwise the queue of the kernel would
 * grow until it drops what comes. Others wait for their turn; while no connection waits, that is nobody.
 */
export class RequestTurns {
  readonly #acceptQueue: AcceptQueue;
  readonly #atATime: number;
  readonly #waiting = new Set<Entry>();
  #underWay = 0;
  /** Somebody may begin at the end of this turn, and nobody before. */
  #isScheduled = false;
  #turnsForConnections = 0;
  /** Since one began. */
  #refused = 0;

  /** @param atATime requests under way while connections wait */
  constructor(acceptQueue: AcceptQueue, atATime: number) {
    this.#acceptQueue = acceptQueue;
    this.#atATime = atATime;
    acceptQueue.onEmpty(() => this.#wake());
  }

  /**
   * Calls `begin` when it is a request's turn, which may be at once.
   * @returns to be called when the request has ended, whether or not it had its turn
   */
  enter(begin: Begin): () => void {
    const isFirst =
      this.#waiting.size === 0 && this.#isFree && !(this.#isScheduled && this.#areConnectionsWaiting);
    const entry: Entry = {
      // Later it is another request that makes it begin, where its spans do not belong.
      begin: isFirst ? () => begin(false) : AsyncLocalStorage.bind(() => begin(true)),
      since: performance.now(),
      isUnderWay: false,
    };
    this.#waiting.add(entry);
    if (isFirst) this.#beginNext();
    else this.#wake();
    return () => {
      this.#waiting.delete(entry);
      this.#end(entry);
      this.#wake();
    };
  }

  /** Milliseconds for which the first of those that wait has done so; 0 when nobody waits. */
  longestWait(now = performance.now()): number {
    const [first] = this.#waiting;
    return first === undefined ? 0 : now - first.since;
  }

  /** To be called for each request that is not let in. */
  noteRefused(): void {
    this.#refused++;
  }

  get #areConnectionsWaiting(): boolean {
    return this.#acceptQueue.length > 0;
  }

  get #isFree(): boolean {
    return !this.#areConnectionsWaiting || this.#underWay < this.#atATime;
  }

  #wake(): void {
    if (this.#waiting.size > 0 && this.#isFree) this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      const turns = Math.min(MAX_TURNS_FOR_CONNECTIONS, this.#acceptQueue.length / CONNECTIONS_PER_TURN);
      if (++this.#turnsForConnections <= turns) this.#wake();
      else if (this.#waiting.size > 0 && this.#isFree) this.#beginNext();
    });
  }

  /** Lets the first of those that wait begin, and more after many were refused. Were all of them to begin at once, connections would wait again. */
  #beginNext(): void {
    this.#turnsForConnections = 0;
    if (this.#waiting.size > 1 || this.#areConnectionsWaiting) this.#schedule();
    let left = 1 + Math.floor(this.#refused / REFUSED_PER_BEGUN);
    this.#refused = 0;
    for (let late = 0; left > 0 && late < MAX_REFUSED_PER_TURN && this.#isFree; ) {
      const [entry] = this.#waiting;
      if (entry === undefined) return;
      this.#waiting.delete(entry);
      entry.isUnderWay = true;
      this.#underWay++;
      if (entry.begin()) left--;
      else {
        late++;
        this.#end(entry);
      }
    }
  }

  #end(entry: Entry): void {
    if (entry.isUnderWay) this.#underWay--;
    entry.isUnderWay = false;
  }
}
