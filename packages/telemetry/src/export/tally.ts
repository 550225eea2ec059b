import type { DestinationCounters, LossReason } from '../counters.ts';
import { LOSS_REASONS } from '../counters.ts';
import type { Logger } from '../logger.ts';

/** How often losses are logged, in milliseconds; the first one is logged at once. */
const LOG_EVERY_MS = 60_000;

/** The failure reporter says these already, with the backend's own words. */
const REPORTED_ELSEWHERE: readonly LossReason[] = ['rejected', 'too_large'];

/** Counts what becomes of the items for one destination, and logs those that are lost for reasons of our own. */
export class Tally {
  ended = 0;
  recovered = 0;
  exported = 0;
  spooled = 0;
  handedOver = 0;
  readonly lost = Object.fromEntries(LOSS_REASONS.map((reason) => [reason, 0])) as Record<LossReason, number>;
  readonly requests = { taken: 0, retry: 0, 'too-large': 0, refused: 0 };
  readonly #what: string;
  readonly #destination: string;
  readonly #log: Logger;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #isBehind = false;
  #more = '';

  /** @param what the items in words, as they begin a sentence: `Spans for otlp` */
  constructor(what: string, destination: string, log: Logger) {
    this.#what = what;
    this.#destination = destination;
    this.#log = log;
  }

  /** @param more a sentence on the loss, after a space, or empty */
  lose(reason: LossReason, items: number, more = ''): void {
    if (items === 0) return;
    this.lost[reason] += items;
    if (REPORTED_ELSEWHERE.includes(reason)) return;
    this.#more = more;
    this.#isBehind = true;
    if (performance.now() - this.#loggedAt >= LOG_EVERY_MS) this.finish();
  }

  /** Logs losses that are not logged yet, with all counts so far. */
  finish(): void {
    if (!this.#isBehind) return;
    this.#isBehind = false;
    this.#loggedAt = performance.now();
    const lost = Object.fromEntries(Object.entries(this.lost).filter(([, items]) => items > 0));
    const reasons = Object.entries(lost).map(([reason, items]) => `${reason} ${items}`);
    this.#log.warn(
      { destination: this.#destination, lost },
      `${this.#what} are lost, so far: ${reasons.join(', ')}.${this.#more}`,
    );
  }

  /** The counts so far. */
  counts(): Omit<DestinationCounters, 'name' | 'queue' | 'spool'> {
    const { ended, recovered, exported, spooled, handedOver, lost, requests } = this;
    return { ended, recovered, exported, spooled, handedOver, lost: { ...lost }, requests: { ...requests } };
  }
}
