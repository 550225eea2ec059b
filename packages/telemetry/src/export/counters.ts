import type { Logger } from '../logger.ts';

/** Why items were lost; also the `error.type` of the metrics. */
export const LOSS_REASONS = [
  /** More waited in memory than the limits allow, and there is no spool, or its disk was too slow. */
  'queue_full',
  /** The spool was full: the oldest were dropped, or a batch was larger than all of it. */
  'spool_full',
  /** They were in the spool for a week, and the backend refused all for its address or credentials. */
  'spool_old',
  /** The spool's volume was nearly full: the spool leaves what is left to others. */
  'disk_full',
  /** Files of the spool were removed, or sent by another process while this one stood still. */
  'spool_damaged',
  /** The backend refused them for good, a whole request or some of its items. */
  'rejected',
  /** The backend refused a single span for its size, or it was larger than the queue. */
  'too_large',
  /** An attribute could not be encoded. */
  'unencodable',
  /** The process ended before they could be sent, and there is no spool; or they came after that. */
  'shutdown',
] as const;

/** Why a span was lost, in a word. */
export type LossReason = (typeof LOSS_REASONS)[number];

/** What became of items at one destination. `ended + recovered = exported + lost + queue.items + spool.items`. */
export interface DestinationCounters {
  readonly name: string;
  /** Spans that were to be sent. */
  readonly ended: number;
  /** Spans found in the spool that other processes left. */
  readonly recovered: number;
  readonly exported: number;
  /** Spans written to the spool; most of them are exported later. */
  readonly spooled: number;
  readonly lost: Readonly<Record<LossReason, number>>;
  /** Requests by their outcome. */
  readonly requests: Readonly<Record<'taken' | 'retry' | 'too-large' | 'refused', number>>;
  /** In memory only. */
  readonly queue: { readonly items: number; readonly bytes: number; readonly capacityBytes: number };
  /** On disk; absent without a spool. */
  readonly spool?: { readonly items: number; readonly bytes: number; readonly capacityBytes: number };
}

/** The counters of all destinations, as they are now; fit for a log line as it is. */
export interface DeliveryCounters {
  readonly destinations: readonly DestinationCounters[];
}

/** The counts of {@link DestinationCounters} that only grow. */
export interface Tally {
  ended: number;
  recovered: number;
  exported: number;
  spooled: number;
  readonly lost: Record<LossReason, number>;
  readonly requests: Record<'taken' | 'retry' | 'too-large' | 'refused', number>;
  /** Single items that were refused for their size since anything was answered otherwise. */
  tooLargeInARow: number;
}

/** All counts at 0. */
export function createTally(): Tally {
  const lost = Object.fromEntries(LOSS_REASONS.map((reason) => [reason, 0])) as Record<LossReason, number>;
  const requests = { taken: 0, retry: 0, 'too-large': 0, refused: 0 };
  return { ended: 0, recovered: 0, exported: 0, spooled: 0, lost, requests, tooLargeInARow: 0 };
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
