import type { Logger, LoggerOptions } from 'pino';
import { destination, pino, stdTimeFunctions } from 'pino';

/**
 * A logger of JSON lines to standard output, with the level by name and ISO times.
 * @param level one of pino's: lines below it are left out
 * @param fields what else each line carries: `base` always the same, `mixin` what is true when the line is written
 *
 * @example
 * createLogger('info', { base: { 'service.name': 'trace-explorer' } });
 */
export function createLogger(level: string, fields: Pick<LoggerOptions, 'base' | 'mixin'> = {}): Logger {
  // Written in the background: a synchronous write per request is the largest single cost of logging.
  const output = destination({ dest: 1, sync: false });
  const format = {
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino({ level, ...format, ...fields }, output);
}

/** Resolves when all lines so far are written. */
export function flushLogger(logger: Logger): Promise<void> {
  return new Promise((resolve) => logger.flush(() => resolve()));
}
