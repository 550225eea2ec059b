import { writeSync } from 'node:fs';
import type * as Pino from 'pino';
import { isoNow, stringifyJson } from '../../common/primordials.ts';
import type { Logger } from '../../road/delivery/logger.ts';
import { logMixin } from '../../road/logs/log-mixin.ts';
import { ownRequire } from '../load.ts';

/**
 * Telemetry's own logger: JSON lines on stderr, because stdout is the app's, with trace_id, span_id and service.name, the level
 * by name and ISO times. Writes synchronously, because the last line comes during the exit. Where nothing is to be said, pino
 * stays unloaded: agents that the app loads later, such as dd-trace, warn about a pino that was there before them.
 */
export function createLogger(level: string): Logger {
  if (level === 'silent') return SILENT;
  const { pino } = loadPino() ?? {};
  if (pino === undefined) return plainLogger(level);
  const timestamp = () => `,"time":"${isoNow()}"`;
  const formatters = { level: (label: string) => ({ level: label }) };
  const destination = pino.destination({ dest: 2, sync: true });
  destination.on('error', () => {}); // the app has closed its stderr, and goes on
  return pino({ level, base: null, mixin: logMixin, timestamp, formatters }, destination);
}

/** Undefined in a bundle without it. */
function loadPino(): typeof Pino | undefined {
  try {
    return ownRequire('pino') as typeof Pino;
  } catch {
    return undefined;
  }
}

const say = () => {};
const SILENT: Logger = { debug: say, info: say, warn: say, error: say };

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** The same lines without pino's serializers: an error is its stack. */
function plainLogger(least: string): Logger {
  const write = (level: (typeof LEVELS)[number]) => (fields: object, msg: string) => {
    const shown = (_key: string, value: unknown) => (value instanceof Error ? value.stack : value);
    const line = stringifyJson({ level, time: isoNow(), ...logMixin(), ...fields, msg }, shown);
    try {
      writeSync(2, `${line}\n`);
    } catch {
      // the app has closed its stderr, and goes on
    }
  };
  const first = least === 'fatal' ? LEVELS.length : LEVELS.indexOf(least as 'info'); // -1 of trace: all
  const writer = (level: (typeof LEVELS)[number]) => (LEVELS.indexOf(level) < first ? say : write(level));
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') };
}
