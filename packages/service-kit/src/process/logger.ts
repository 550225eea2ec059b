import { logMixin } from '@tandem/telemetry';
import type { Logger } from 'pino';
import { destination, pino } from 'pino';

/** A logger of JSON lines to standard output that carry trace_id, span_id and service.name. */
export function createLogger(level: string): Logger {
  // Written in the background: a synchronous write a request is the largest single cost of logging.
  const output = destination({ dest: 1, sync: false });
  process.once('exit', () => {
    try {
      output.flushSync();
    } catch {
      // standard output was never opened or is closed: nobody reads it
    }
  });
  return pino(
    { level, base: null, mixin: logMixin, timestamp: isoTime, formatters: { level: levelName } },
    output,
  );
}

function isoTime(): string {
  return `,"time":"${new Date().toISOString()}"`;
}

function levelName(label: string): { level: string } {
  return { level: label };
}
