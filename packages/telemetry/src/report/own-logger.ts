import pino from 'pino';
import { isoNow } from '../api/primordials.ts';
import type { Logger } from '../delivery/logger.ts';
import { logMixin } from './log-mixin.ts';

/**
 * Telemetry's own logger: JSON lines on stdout, with trace_id, span_id and service.name, the level by name and ISO times.
 * Writes synchronously, because the last line comes during the exit.
 */
export function createLogger(level: string): Logger {
  const timestamp = () => `,"time":"${isoNow()}"`;
  const formatters = { level: (label: string) => ({ level: label }) };
  const destination = pino.destination({ dest: 1, sync: true });
  return pino({ level, base: null, mixin: logMixin, timestamp, formatters }, destination);
}
