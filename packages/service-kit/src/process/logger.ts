import type { Logger, LoggerOptions } from 'pino';
import { destination, pino, stdTimeFunctions } from 'pino';

/**
 * A logger of JSON lines to standard output, with the level by name and ISO times.
 * @param level one of pino's: lines below it are left out
 * @param fields more fields of each line: `base` is constant, `mixin` is called for each line
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
