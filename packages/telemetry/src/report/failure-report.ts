import { logSafeUrl } from '../process/secrets.ts';
import type { DescribeOptions } from './describe-failure.ts';
import { explainExportFailure, SPAN_WORDS } from './describe-failure.ts';
import type { ExportFailure } from './export-failure.ts';
import type { Logger } from './logger.ts';

/** Time between two lines about one cause, in milliseconds: an outage of an hour is 60 lines. */
const INTERVAL_MS = 60_000;

export interface FailureReportOptions extends DescribeOptions {
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Lost items of this process so far, for any reason. */
  readonly lost: () => number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** Listens for failed exports, and for a destination that works again. */
export type FailureReporter = ReturnType<typeof createFailureReport>;

/**
 * Logs failed exports to one destination: readable, seldom, and never with a key. A cause has one line a minute. After such
 * a line, the first success has a line, too.
 */
export function createFailureReport(options: FailureReportOptions) {
  const { log, lost, now = () => performance.now(), secrets = [], signal = SPAN_WORDS } = options;
  const loggedAt = new Map<string, number>();
  let startedAt: number | undefined;
  let isLogged = false;
  const losses = () => {
    const count = lost();
    return ` ${count === 0 ? 'No' : count} ${count === 1 ? signal.item : signal.items} lost so far.`;
  };

  return {
    report(failure: ExportFailure): void {
      startedAt ??= now();
      const { cause } = failure;
      // A backend of traces only never takes log records. One line is enough.
      const intervalMs =
        signal.name === 'logs' && cause === 'not-found' ? Number.POSITIVE_INFINITY : INTERVAL_MS;
      if (now() - (loggedAt.get(cause) ?? Number.NEGATIVE_INFINITY) < intervalMs) return;
      loggedAt.set(cause, now());
      isLogged = true;
      const { what, todo } = explainExportFailure(failure, options);
      log.warn({}, `${what} ${todo}${losses()}`);
    },

    /** An export to this URL succeeded after a failed export. */
    recovered(url: string): void {
      const seconds = Math.round((now() - (startedAt ?? now())) / 1000);
      startedAt = undefined;
      if (!isLogged) return;
      isLogged = false;
      const place = logSafeUrl(url, secrets);
      log.info({}, `${signal.Items} are sent to ${place} again, after ${seconds} s.${losses()}`);
    },
  };
}
