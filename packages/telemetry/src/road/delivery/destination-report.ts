import { channel } from 'node:diagnostics_channel';
import { monotonicNow } from '../../common/primordials.ts';
import { logSafeUrl } from '../../process/secrets/secrets.ts';
import type { LossReason } from './counters.ts';
import { reasonsOf } from './counters.ts';
import type { DescribeOptions } from './describe-failure.ts';
import { explainExportFailure, SPAN_WORDS } from './describe-failure.ts';
import type { ExportFailure } from './export-failure.ts';
import type { Outcome } from './http-exporter.ts';
import type { Logger } from './logger.ts';

/** Time between two lines about one cause, in milliseconds: an outage of an hour is 60 lines. */
const INTERVAL_MS = 60_000;

/** The explorer's `run`, under which telemetry logs nothing, hears here what is lost. */
const LOST = channel('@tandem/telemetry:lost');

/** Lines about failed exports tell of these losses, with the backend's own words. */
const OF_FAILURES: readonly LossReason[] = ['rejected', 'too_large'];

export interface DestinationReportOptions extends DescribeOptions {
  /** The destination: `honeycomb` or `otlp`. */
  readonly name: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/**
 * Counts the items of one destination by outcome, and logs what goes wrong: readable, seldom, and never with a key. A cause
 * has one line a minute. After a line about a failed export, the first success has a line, too.
 */
export class DestinationReport {
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
  readonly #options: DestinationReportOptions;
  readonly #signal: NonNullable<DescribeOptions['signal']>;
  readonly #loggedAt = new Map<string, number>();
  #failingSince: number | undefined;
  #isFailureLogged = false;

  constructor(options: DestinationReportOptions) {
    this.#options = options;
    this.#signal = options.signal ?? SPAN_WORDS;
  }

  lose(reason: LossReason, items: number): void {
    const { lost } = this.counts;
    lost[reason] += items;
    if (items > 0) LOST.publish({ items, what: this.#signal.item, reason });
    if (items === 0 || OF_FAILURES.includes(reason) || !this.#isDue('lost')) return;
    this.#options.log.warn({ lost }, `${this.#what} are lost, so far: ${reasonsOf(lost)}.`);
  }

  /** Counts the outcome of a request for `items` in so many bytes, and tells of its failure. */
  settled(outcome: Outcome, items: number, bytes: number): void {
    const { kind, failure } = outcome;
    this.counts.requests[kind]++;
    if (kind === 'retry') {
      this.failed(outcome.failure);
      return;
    }
    const lost = kind === 'taken' ? Math.min(outcome.rejected ?? 0, items) : items;
    this.counts.exported += items - lost;
    if (lost > 0) this.lose(kind === 'too-large' ? 'too_large' : 'rejected', lost);
    if (failure) this.failed(kind === 'too-large' ? { ...failure, bytes } : failure);
    if (outcome.kind === 'taken' && outcome.warning) this.warned(outcome.warning);
  }

  /** An export failed. */
  failed(failure: ExportFailure): void {
    this.#failingSince ??= this.#now();
    // A backend of traces only never takes log records. One line is enough.
    const intervalMs = failure.cause === 'traces-only' ? Number.POSITIVE_INFINITY : INTERVAL_MS;
    if (!this.#isDue(failure.cause, intervalMs)) return;
    this.#isFailureLogged = true;
    const { what, todo } = explainExportFailure(failure, this.#options);
    this.#options.log.warn({}, `${what} ${todo}${this.#losses()}`);
  }

  /** An export succeeded with a warning. A backend that answers in words of its own does so each time: one line is enough. */
  warned(warning: ExportFailure): void {
    if (!this.#isDue(warning.cause, warning.cause === 'unclear' ? Number.POSITIVE_INFINITY : INTERVAL_MS))
      return;
    const { what, todo } = explainExportFailure(warning, this.#options);
    this.#options.log.warn({}, `${what} ${todo}`);
  }

  /** An export to this URL succeeded after a failed export. */
  recovered(url: string): void {
    const seconds = Math.round((this.#now() - (this.#failingSince ?? this.#now())) / 1000);
    this.#failingSince = undefined;
    if (!this.#isFailureLogged) return;
    this.#isFailureLogged = false;
    const place = logSafeUrl(url, this.#options.secrets);
    this.#options.log.info(
      {},
      `${this.#signal.Items} reach ${place} again, after ${seconds} s.${this.#losses()}`,
    );
  }

  /** The disk has refused work of the spool in `directory`. */
  notKept(directory: string, error: unknown): void {
    if (!this.#isDue('disk')) return;
    const { message = String(error) } = Object(error);
    this.#options.log.error(
      {},
      `${this.#what} cannot be kept in ${directory}: ${String(message).replace(/\.$/, '')}. Make it writable, or set DATA_DIR.`,
    );
  }

  get #what(): string {
    return `${this.#signal.Items} for ${this.#options.name}`;
  }

  #losses(): string {
    const count = Object.values(this.counts.lost).reduce((sum, items) => sum + items, 0);
    const { item, items } = this.#signal;
    return ` ${count === 0 ? 'No' : count} ${count === 1 ? item : items} lost so far.`;
  }

  /** Whether a line about this cause may be logged now. */
  #isDue(cause: string, intervalMs = INTERVAL_MS): boolean {
    if (this.#now() - (this.#loggedAt.get(cause) ?? Number.NEGATIVE_INFINITY) < intervalMs) return false;
    this.#loggedAt.set(cause, this.#now());
    return true;
  }

  #now(): number {
    return this.#options.now?.() ?? monotonicNow();
  }
}
