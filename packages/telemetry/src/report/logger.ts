import pino from 'pino';
import { logMixin } from './log-mixin.ts';

/** Telemetry logs here; pino's loggers fit. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Options of pino for lines that carry trace_id, span_id and service.name, with the level by name and ISO times. */
export const LOG_FORMAT = {
  base: null,
  mixin: logMixin,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label: string) => ({ level: label }) },
};

/** Telemetry's own logger: JSON lines on stdout. Writes at once: the last line comes while the process exits. */
export function createLogger(level: string): Logger {
  return pino({ level, ...LOG_FORMAT }, pino.destination({ dest: 1, sync: true }));
}
