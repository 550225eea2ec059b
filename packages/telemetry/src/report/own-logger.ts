import type * as Pino from 'pino';
import { isoNow } from '../api/primordials.ts';
import type { Logger } from '../delivery/logger.ts';
import { ownRequire } from '../process/load.ts';
import { logMixin } from './log-mixin.ts';

/**
 * Telemetry's own logger: JSON lines on stderr, because stdout is the app's, with trace_id, span_id and service.name, the level
 * by name and ISO times. Writes synchronously, because the last line comes during the exit. Where nothing is to be said, pino
 * stays unloaded: agents that the app loads later, such as dd-trace, warn about a pino that was there before them.
 */
export function createLogger(level: string): Logger {
  if (level === 'silent') return SILENT;
  const { pino } = ownRequire('pino') as typeof Pino;
  const timestamp = () => `,"time":"${isoNow()}"`;
  const formatters = { level: (label: string) => ({ level: label }) };
  const destination = pino.destination({ dest: 2, sync: true });
  destination.on('error', () => {}); // the app has closed its stderr, and goes on
  return pino({ level, base: null, mixin: logMixin, timestamp, formatters }, destination);
}

const say = () => {};
const SILENT: Logger = { debug: say, info: say, warn: say, error: say };
