import type { ExportFailureCause } from '../failures/export-failure.ts';
import type { FailureReporter } from '../failures/failure-reporter.ts';
import { logSafeUrl } from '../failures/log-safe.ts';
import type { DescribeOptions } from './describe-failure.ts';
import { describeExportFailure } from './describe-failure.ts';

/** An outage of an hour is 60 lines, however many batches fail in it. */
const INTERVAL_MS = 60_000;

/** Where the lines go: a pino logger, OpenTelemetry's `diag`, or a test's list. */
export interface FailureLog {
  warn(message: string): void;
  info(message: string): void;
}

export interface FailureReporterOptions extends DescribeOptions {
  readonly log: FailureLog;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
  /** How long the same cause at the same destination is not logged again, in milliseconds; default a minute. */
  readonly intervalMs?: number;
}

/**
 * Logs failed exports of any number of destinations: readable, seldom, and never with a key. The same cause at the same
 * destination is one line per interval; the spans are counted all the time, and the next line has the sum. When a
 * destination works again, that is a line too, and `finish` logs what was counted but not said.
 */
export function createFailureReporter(options: FailureReporterOptions): FailureReporter {
  const { log, now = () => performance.now(), intervalMs = INTERVAL_MS, secrets = [] } = options;
  const outages = new Map<string, Outage>();

  return {
    report(failure, spansLost) {
      const outage = outages.get(failure.url) ?? startOutage(outages, failure.url, now());
      outage.spansLost += spansLost;
      outage.unreportedSpans += spansLost;
      const last = outage.loggedAt.get(failure.cause);
      if (last !== undefined && now() - last < intervalMs) return;
      outage.loggedAt.set(failure.cause, now());
      outage.unreportedSpans = 0;
      log.warn(`${describeExportFailure(failure, options)} ${lossOf(outage)} so far.`);
    },

    recovered(url) {
      // The usual case, on every successful export: nothing has failed anywhere.
      if (outages.size === 0) return;
      const outage = outages.get(url);
      if (outage === undefined) return;
      outages.delete(url);
      const seconds = Math.round((now() - outage.startedAt) / 1000);
      log.info(
        `Spans are sent to ${logSafeUrl(url, secrets)} again, after ${seconds} s. ${lossOf(outage)} in between.`,
      );
    },

    finish() {
      for (const [url, outage] of outages) {
        if (outage.unreportedSpans === 0) continue;
        outage.unreportedSpans = 0;
        log.warn(`Spans could not be sent to ${logSafeUrl(url, secrets)} until the end. ${lossOf(outage)}.`);
      }
    },
  };
}

/** From a destination's first failure until it works again. */
interface Outage {
  readonly startedAt: number;
  spansLost: number;
  unreportedSpans: number;
  readonly loggedAt: Map<ExportFailureCause, number>;
}

function startOutage(outages: Map<string, Outage>, url: string, startedAt: number): Outage {
  const outage: Outage = { startedAt, spansLost: 0, unreportedSpans: 0, loggedAt: new Map() };
  outages.set(url, outage);
  return outage;
}

function lossOf({ spansLost }: Outage): string {
  if (spansLost === 0) return 'No spans lost';
  return spansLost === 1 ? '1 span lost' : `${spansLost} spans lost`;
}
