import type { ReceivedLogRecord } from '@tandem/otlp/testing';
import pino from 'pino';
import type { Logger } from '../../../src/road/delivery/logger.ts';
import { startReceiver } from '../../receiver.ts';
import { startIn } from '../../start-in.ts';
import type { Test } from '../delivery/harness.ts';

export const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Telemetry of this process, which sends to a receiver. Records are flushed before a test reads them. */
export async function start(
  t: Test & { testdir(): string },
  environment: Record<string, string> = {},
  log: Logger = silent,
  path = '',
) {
  const receiver = await startReceiver(t);
  const own = {
    OTEL_SERVICE_NAME: 'lines',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url + path,
    DATA_DIR: t.testdir(),
  };
  const telemetry = startIn({ TRACE_WAITS: 'false', ...own, ...environment }, { log });
  t.teardown(() => telemetry.shutdown());
  const records = async (): Promise<readonly ReceivedLogRecord[]> => {
    await telemetry.flush();
    return receiver.logRecords();
  };
  return { receiver, telemetry, records };
}

/** A logger older than telemetry, and its lines. */
export function loggerOf(options: pino.LoggerOptions = {}) {
  const lines: string[] = [];
  const logger = pino({ level: 'trace', ...options }, { write: (line: string) => void lines.push(line) });
  return { logger, lines };
}
