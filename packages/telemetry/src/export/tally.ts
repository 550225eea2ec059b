import type { LossReason } from '../report/counters.ts';
import { reasonsOf } from '../report/counters.ts';
import type { Logger } from '../report/logger.ts';

/** Time between two lines about losses, in milliseconds. The first loss is logged at once. */
const LOG_EVERY_MS = 60_000;

/** The failure report logs these reasons, with the backend's own words. */
const REPORTED_ELSEWHERE: readonly LossReason[] = ['rejected', 'too_large'];

/** Counts the items of one destination by outcome, and logs losses that no answer of the backend explains. */
export class Tally {
  readonly counts = {
    ended: 0,
    recovered: 0,
    exported: 0,
    spooled: 0,
    handedOver: 0,
    lost: {
      queue_full: 0,
      spool_full: 0,
      spool_damaged: 0,
      rejected: 0,
      too_large: 0,
      unencodable: 0,
      shutdown: 0,
    },
    requests: { taken: 0, retry: 0, 'too-large': 0, refused: 0 },
  };
  readonly #what: string;
  readonly #log: Logger;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #isBehind = false;

  /** @param what the items in words, for the start of a sentence: `Spans for otlp` */
  constructor(what: string, log: Logger) {
    this.#what = what;
    this.#log = log;
  }

  /** Lost items so far, for any reason. */
  get lost(): number {
    return Object.values(this.counts.lost).reduce((sum, items) => sum + items, 0);
  }

  lose(reason: LossReason, items: number): void {
    this.counts.lost[reason] += items;
    if (items === 0 || REPORTED_ELSEWHERE.includes(reason)) return;
    this.#isBehind = true;
    if (performance.now() - this.#loggedAt >= LOG_EVERY_MS) this.finish();
  }

  /** Logs the losses since the last line, with all counts so far. */
  finish(): void {
    if (!this.#isBehind) return;
    this.#isBehind = false;
    this.#loggedAt = performance.now();
    const { lost } = this.counts;
    this.#log.warn({ lost }, `${this.#what} are lost, so far: ${reasonsOf(lost)}.`);
  }
}
