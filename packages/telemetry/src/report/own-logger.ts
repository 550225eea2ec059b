import type { Logger } from '@tandem/durable-export';
import pino from 'pino';
import { logMixin } from './log-mixin.ts';

/** Options of pino for lines that carry trace_id, span_id and service.name, with the level by name and ISO times. */
export const LOG_FORMAT = {
  base: null,
  mixin: logMixin,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label: string) => ({ level: label }) },
};

/** Telemetry's own logger: JSON lines on stdout. Writes synchronously, because the last line comes during the exit. */
export function createLogger(level: string): Logger {
  return pino({ level, ...LOG_FORMAT }, pino.destination({ dest: 1, sync: true }));
}
