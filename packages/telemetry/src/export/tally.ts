import type { LossReason } from '../counters.ts';
import { LOSS_REASONS } from '../counters.ts';
import type { Logger } from '../logger.ts';

/** The counts of `DestinationCounters` that only grow. */
export interface Tally {
  ended: number;
  recovered: number;
  exported: number;
  spooled: number;
  readonly lost: Record<LossReason, number>;
  readonly requests: Record<'taken' | 'retry' | 'too-large' | 'refused', number>;
  /** Single items that were refused for their size since anything was answered otherwise. */
  tooLargeInARow: number;
  /** Whether the last answer was a failure, of some items at least. */
  isFailing: boolean;
}

/** All counts at 0. */
export function createTally(): Tally {
  const lost = Object.fromEntries(LOSS_REASONS.map((reason) => [reason, 0])) as Record<LossReason, number>;
  const requests = { taken: 0, retry: 0, 'too-large': 0, refused: 0 };
  return {
    ended: 0,
    recovered: 0,
    exported: 0,
    spooled: 0,
    lost,
    requests,
    tooLargeInARow: 0,
    isFailing: false,
  };
}

/** How often losses are logged, in milliseconds; the first one is logged at once. */
const LOG_EVERY_MS = 60_000;

/** The failure reporter says these already, with the backend's own words. */
const REPORTED_ELSEWHERE: readonly LossReason[] = ['rejected', 'too_large'];

/** Counts items that are lost for reasons of our own (a full queue, a full spool), and logs them, with all counts so far. */
export class Losses {
  readonly #what: string;
  readonly #destination: string;
  readonly #log: Logger;
  readonly #tally: Tally;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #isBehind = false;
  #more = '';

  /** @param what the items in words, as they begin a sentence: `Spans for otlp` */
  constructor(what: string, destination: string, log: Logger, tally: Tally) {
    this.#what = what;
    this.#destination = destination;
    this.#log = log;
    this.#tally = tally;
  }

  /** @param more a sentence on the loss, after a space, or empty */
  add(reason: LossReason, items: number, more = ''): void {
    if (items === 0) return;
    this.#tally.lost[reason] += items;
    if (REPORTED_ELSEWHERE.includes(reason)) return;
    this.#more = more;
    this.#isBehind = true;
    if (performance.now() - this.#loggedAt >= LOG_EVERY_MS) this.finish();
  }

  /** Logs what is not logged yet. */
  finish(): void {
    if (!this.#isBehind) return;
    this.#isBehind = false;
    this.#loggedAt = performance.now();
    const lost = Object.fromEntries(Object.entries(this.#tally.lost).filter(([, items]) => items > 0));
    const reasons = Object.entries(lost).map(([reason, items]) => `${reason} ${items}`);
    this.#log.warn(
      { destination: this.#destination, lost },
      `${this.#what} are lost, so far: ${reasons.join(', ')}.${this.#more}`,
    );
  }
}
