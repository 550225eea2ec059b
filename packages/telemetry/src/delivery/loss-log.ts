import type { Logger } from '../logger.ts';
import type { LossReason, Tally } from './counters.ts';

/** How often losses are logged, in milliseconds; the first one is logged at once. */
const LOG_EVERY_MS = 60_000;

/** The failure reporter says these already, with the backend's own words. */
const REPORTED_ELSEWHERE: readonly LossReason[] = ['rejected', 'too_large'];

/** Logs that spans or log records are lost for reasons of our own (a full queue, a full spool), with all counts so far. */
export class LossLog {
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

  /** To be called after the loss was counted. @param more a sentence on it, after a space, or empty */
  note(reason: LossReason, more = ''): void {
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
