import { LOG_FORMAT } from '@tandem/telemetry';
import type { Logger } from 'pino';
import { destination, pino } from 'pino';

/** A logger of JSON lines to standard output that carry trace_id, span_id and service.name. */
export function createLogger(level: string): Logger {
  // Written in the background: a synchronous write a request is the largest single cost of logging.
  const output = destination({ dest: 1, sync: false });
  return pino({ level, ...LOG_FORMAT }, output);
}

/** Resolves when all lines so far are written. */
export function flushLogger(logger: Logger): Promise<void> {
  return new Promise((resolve) => logger.flush(() => resolve()));
}
