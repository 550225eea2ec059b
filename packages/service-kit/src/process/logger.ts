import type { Logger, LoggerOptions } from 'pino';
import { destination, pino, stdTimeFunctions } from 'pino';

/**
 * A logger that writes JSON lines, with level names and ISO times.
 * @param level a level of pino; lines below it are left out
 * @param fields more fields: `base` is the same in all lines, `mixin` is called for each line
 * @param descriptor where the lines go: 1, standard output, or 2 where that belongs to somebody else
 */
export function createLogger(
  level: string,
  fields: Pick<LoggerOptions, 'base' | 'mixin'> = {},
  descriptor: 1 | 2 = 1,
): Logger {
  // Written in the background: a synchronous write per request is the largest single cost of logging.
  const output = destination({ dest: descriptor, sync: false });
  const format = {
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino({ level, ...format, ...fields }, output);
}
