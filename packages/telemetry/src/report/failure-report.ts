import { SPANS } from '../export/signal.ts';
import type { FailureReporter } from './export-failure.ts';
import type { Logger } from './logger.ts';
import { logSafeUrl } from './secrets.ts';
import type { DescribeOptions } from './describe-failure.ts';
import { explainExportFailure } from './describe-failure.ts';

/** How long the same cause at the same destination is not logged again, in milliseconds: an outage of an hour is 60 lines. */
const INTERVAL_MS = 60_000;

export interface FailureReportOptions extends DescribeOptions {
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** From a destination's first failure until the destination works again. */
interface Outage {
  readonly startedAt: number;
  lost: number;
  isLogged: boolean;
}

/**
 * Logs failed exports of any number of destinations: readable, seldom, and never with a key. One line per destination,
 * cause and minute, with the sum of all losses; one line when a destination that had a line works again.
 */
export function createFailureReport(options: FailureReportOptions): FailureReporter {
  const { log, now = () => performance.now(), secrets = [], signal = SPANS } = options;
  const outages = new Map<string, Outage>();
  const loggedAt = new Map<string, number>();
  const lossOf = ({ lost }: Outage) =>
    `${lost === 0 ? 'No' : lost} ${lost === 1 ? signal.item : signal.items} lost`;

  return {
    report(failure, lost) {
      const { url, cause } = failure;
      const outage = outages.get(url) ?? { startedAt: now(), lost: 0, isLogged: false };
      outages.set(url, outage);
      outage.lost += lost;
      const key = `${cause} ${url}`;
      // A backend of traces only never takes log records: one line says it.
      const intervalMs =
        signal.name === 'logs' && cause === 'not-found' ? Number.POSITIVE_INFINITY : INTERVAL_MS;
      if (now() - (loggedAt.get(key) ?? Number.NEGATIVE_INFINITY) < intervalMs) return;
      loggedAt.set(key, now());
      outage.isLogged = true;
      const { what, todo } = explainExportFailure(failure, options);
      log.warn({}, `${what} ${todo} ${lossOf(outage)} so far.`);
    },

    recovered(url) {
      const outage = outages.get(url);
      outages.delete(url);
      if (!outage?.isLogged) return;
      const seconds = Math.round((now() - outage.startedAt) / 1000);
      const place = logSafeUrl(url, secrets);
      log.info(
        {},
        `${signal.Items} are sent to ${place} again, after ${seconds} s. ${lossOf(outage)} in between.`,
      );
    },
  };
}
