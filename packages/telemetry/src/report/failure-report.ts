import type { LastFailure } from '../counters.ts';
import { SPANS } from '../export/signal.ts';
import type { ExportFailure, ExportFailureCause, FailureReporter } from '../failures/export-failure.ts';
import type { Logger } from '../logger.ts';
import { logSafeUrl } from '../secrets.ts';
import type { DescribeOptions } from './describe-failure.ts';
import { explainExportFailure } from './describe-failure.ts';

/** How long the same cause at the same destination is not logged again, in milliseconds: an outage of an hour is 60 lines. */
const INTERVAL_MS = 60_000;

export interface FailureReportOptions extends DescribeOptions {
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** A reporter that knows which destinations do not work at the moment. */
export interface FailureReport extends FailureReporter {
  /** The last failure of a destination that does not work. */
  lastFailure(url: string): Omit<LastFailure, 'destination' | 'signal'> | undefined;
}

/** From a destination's first failure until it works again. */
interface Outage {
  readonly startedAt: number;
  lost: number;
  /** Whether a line has said that some are kept. */
  hasHeld: boolean;
  readonly loggedAt: Map<ExportFailureCause, number>;
  last: Omit<LastFailure, 'destination' | 'signal'>;
}

/**
 * Logs failed exports of any number of destinations: readable, seldom, and never with a key. The same cause at the same
 * destination is one line per minute; what is lost is counted all the time, and the next line has the sum. When a
 * destination works again, a line says so.
 */
export function createFailureReport(options: FailureReportOptions): FailureReport {
  const { log, now = () => performance.now(), secrets = [], signal = SPANS } = options;
  const outages = new Map<string, Outage>();
  const lossOf = ({ lost }: Outage) =>
    `${lost === 0 ? 'No' : lost} ${lost === 1 ? signal.item : signal.items} lost`;

  /** A backend of traces alone stays one: that it takes no log records is said once. */
  const isForGood = ({ cause }: ExportFailure) => signal.name === 'logs' && cause === 'not-found';

  return {
    report(failure, lost, held = 0) {
      const { url, cause, status } = failure;
      const last = { cause, ...(status !== undefined && { status }), atSeconds: Date.now() / 1000 };
      const begun = { startedAt: now(), lost: 0, hasHeld: false, loggedAt: new Map(), last };
      const outage = outages.get(url) ?? begun;
      outages.set(url, outage);
      outage.last = last;
      outage.lost += lost;
      const saidAt = outage.loggedAt.get(cause);
      const isNews = saidAt === undefined || (held > 0 && !outage.hasHeld);
      if (!isNews && (isForGood(failure) || now() - saidAt < INTERVAL_MS)) return;
      outage.loggedAt.set(cause, now());
      outage.hasHeld ||= held > 0;
      const kept = held === 0 ? '' : `; ${held} on disk are kept, and sent when this is mended`;
      const { what, todo } = explainExportFailure(failure, options);
      log.warn({}, `${what} ${todo} ${lossOf(outage)} so far${kept}.`);
    },

    recovered(url) {
      const outage = outages.get(url);
      if (outage === undefined) return;
      outages.delete(url);
      const seconds = Math.round((now() - outage.startedAt) / 1000);
      const place = logSafeUrl(url, secrets);
      log.info(
        {},
        `${signal.Items} are sent to ${place} again, after ${seconds} s. ${lossOf(outage)} in between.`,
      );
    },

    lastFailure: (url) => outages.get(url)?.last,
  };
}
