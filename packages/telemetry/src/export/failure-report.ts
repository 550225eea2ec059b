import { describeExportFailure } from './describe-failure.ts';
import type { ExportFailure, ExportFailureCause } from './export-failure.ts';
import { redactUrl } from './redact.ts';

/** Where the lines go: a pino logger, OpenTelemetry's `diag`, or a test's list. */
export interface FailureLog {
  warn(message: string): void;
  info(message: string): void;
}

export interface FailureReporterOptions {
  readonly log: FailureLog;
  /** Milliseconds, any origin. */
  readonly now?: () => number;
  /** How long the same cause at the same destination stays silent, in milliseconds. */
  readonly intervalMs?: number;
  /** Values that must never be logged, whatever a backend echoes: the API keys in use. */
  readonly secrets?: readonly string[];
}

export interface FailureReporter {
  /**
   * Logs the failure in one line, unless the same cause was logged for the same destination within the interval;
   * the spans are counted either way, and the next line has the sum.
   *
   * @param spansLost how many spans will not be sent again; 0 when they are kept for later
   */
  report(failure: ExportFailure, spansLost: number): void;
  /** Says in one line that a destination works again; does nothing when it did not fail. Called on each success. */
  recovered(url: string): void;
  /** Logs what was counted but not yet logged; to be called at shutdown. */
  finish(): void;
}

/** Reports failed exports of any number of destinations: readable, seldom, and never with a key. */
export function createFailureReporter(options: FailureReporterOptions): FailureReporter {
  const { log, now = () => performance.now(), intervalMs = 60_000, secrets = [] } = options;
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
      log.warn(`${describeExportFailure(failure, secrets)} ${lossOf(outage)} so far.`);
    },

    recovered(url) {
      // The usual case, on every successful export: nothing has failed anywhere.
      if (outages.size === 0) return;
      const outage = outages.get(url);
      if (outage === undefined) return;
      outages.delete(url);
      const seconds = Math.round((now() - outage.startedAt) / 1000);
      log.info(
        `Spans are sent to ${redactUrl(url, secrets)} again, after ${seconds} s. ${lossOf(outage)} in between.`,
      );
    },

    finish() {
      for (const [url, outage] of outages) {
        if (outage.unreportedSpans === 0) continue;
        outage.unreportedSpans = 0;
        log.warn(`Spans could not be sent to ${redactUrl(url, secrets)} until the end. ${lossOf(outage)}.`);
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
