import { inspect } from 'node:util';
import type { LogEntry, LogOrigin } from './log-record.ts';
import { takeLogRecords } from './logger-provider.ts';
import { subscribeToPinoLines } from './pino-lines.ts';

/**
 * Makes log records of the lines that pino's loggers write, and of what code emits by `@opentelemetry/api-logs`.
 *
 * @param isPrinted OTEL_LOGS_EXPORTER has `console`
 * @param deliver undefined unless records are exported by OTLP
 * @returns how to stop: later lines make no records
 */
export function startLogs(
  origin: LogOrigin,
  isPrinted: boolean,
  deliver: ((entry: LogEntry) => void) | undefined,
): () => void {
  const take = (entry: LogEntry) => {
    deliver?.(entry);
    if (isPrinted) printLogEntry(entry);
  };
  const unsubscribe = subscribeToPinoLines(take, origin);
  const stopTaking = takeLogRecords(take, origin);
  return () => {
    unsubscribe();
    stopTaking();
  };
}

/** Not by `console`: some services make log lines of the output of `console`, and would never stop. */
function printLogEntry(entry: LogEntry): void {
  const record = { ...entry.read(), scope: entry.instrumentationScope.name };
  process.stdout.write(`${inspect(record, { depth: 3, customInspect: false })}\n`);
}
