import type { LogEntry } from '../logs/log-record.ts';
import type { DeliveryOptions } from './delivery.ts';
import type { LogRecordEncoding } from './encoding/encode-log-record.ts';
import { logRecordEncoder } from './encoding/encode-log-record.ts';
import type { Pipeline } from './pipeline.ts';
import { createPipeline } from './pipeline.ts';
import { LOG_RECORDS } from './signal.ts';

// Shares of their own: a flood of lines never takes the place of spans.
/** Some 25,000 usual lines, for each destination. */
const QUEUE_BYTES = 8 * 1024 * 1024;
/** Some 100,000 usual lines, for all destinations together. */
const SPOOL_BYTES = 32 * 1024 * 1024;

/** Delivery of log records, on the same road as spans. */
export function createLogDelivery(
  options: Omit<DeliveryOptions, 'maxQueueBytes'>,
  encoding: LogRecordEncoding,
): Pipeline<LogEntry> {
  const { spool } = options;
  return createPipeline(
    { ...LOG_RECORDS, encode: logRecordEncoder(encoding) },
    { ...options, maxQueueBytes: QUEUE_BYTES, spool: spool && { ...spool, maxBytes: SPOOL_BYTES } },
  );
}
