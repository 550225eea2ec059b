import type { Logger, LoggerOptions } from 'pino';
import { destination, pino, stdTimeFunctions } from 'pino';

/**
 * A logger that writes JSON lines to standard output, with level names and ISO times.
 * @param level a level of pino; lines below it are left out
 * @param fields more fields: `base` is the same in all lines, `mixin` is called for each line
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
