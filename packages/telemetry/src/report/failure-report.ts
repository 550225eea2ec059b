import type { SignalName } from '../export/signal.ts';
import { SPANS } from '../export/signal.ts';
import type { ExportFailure, ExportFailureCause } from '../failures/export-failure.ts';
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
 * destination is one line per interval; what is lost is counted all the time, and the next line has the sum. When a
 * destination works again, that is a line too, and `finish` logs what was counted but not said.
 */
export function createFailureReporter(options: FailureReporterOptions): FailureReporter {
  const { log, now = () => performance.now(), intervalMs = INTERVAL_MS, secrets = [] } = options;
  const { signal = SPANS } = options;
  const outages = new Map<string, Outage>();

  return {
    report(failure, lost, held = 0) {
      const outage = outages.get(failure.url) ?? startOutage(outages, failure.url, now());
      outage.lost += lost;
      outage.unreported += lost;
      const last = outage.loggedAt.get(failure.cause);
      const isNews = last === undefined || (held > 0 && !outage.hasHeld);
      if (!isNews && (isForGood(failure, signal) || now() - last < intervalMs)) return;
      outage.loggedAt.set(failure.cause, now());
      outage.unreported = 0;
      outage.hasHeld ||= held > 0;
      const kept = held === 0 ? '' : `; ${held} on disk are kept, and sent when this is mended`;
      log.warn(`${describeExportFailure(failure, options)} ${lossOf(outage, signal)} so far${kept}.`);
    },

    recovered(url) {
      // The usual case, on every successful export: nothing has failed anywhere.
      if (outages.size === 0) return;
      const outage = outages.get(url);
      if (outage === undefined) return;
      outages.delete(url);
      const seconds = Math.round((now() - outage.startedAt) / 1000);
      log.info(
        `${signal.Items} are sent to ${logSafeUrl(url, secrets)} again, after ${seconds} s. ${lossOf(outage, signal)} in between.`,
      );
    },

    finish() {
      for (const [url, outage] of outages) {
        if (outage.unreported === 0) continue;
        outage.unreported = 0;
        log.warn(
          `${signal.Items} could not be sent to ${logSafeUrl(url, secrets)} until the end. ${lossOf(outage, signal)}.`,
        );
      }
    },
  };
}

/** A backend of traces alone stays one: that it takes no log records is said once. */
function isForGood({ cause }: ExportFailure, { name }: SignalName): boolean {
  return name === 'logs' && cause === 'not-found';
}

/** From a destination's first failure until it works again. */
interface Outage {
  readonly startedAt: number;
  lost: number;
  unreported: number;
  /** Whether a line has said that some are kept. */
  hasHeld: boolean;
  readonly loggedAt: Map<ExportFailureCause, number>;
}

function startOutage(outages: Map<string, Outage>, url: string, startedAt: number): Outage {
  const outage: Outage = { startedAt, lost: 0, unreported: 0, hasHeld: false, loggedAt: new Map() };
  outages.set(url, outage);
  return outage;
}

function lossOf({ lost }: Outage, { item, items }: SignalName): string {
  if (lost === 0) return `No ${items} lost`;
  return lost === 1 ? `1 ${item} lost` : `${lost} ${items} lost`;
}
