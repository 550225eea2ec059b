import type { EnvReader } from '../environment/env-reader.ts';

/** OTEL_BSP_*: when a batch is sent. Times in milliseconds. */
export interface BatchSettings {
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduleDelayMs: number;
  readonly exportTimeoutMs: number;
}

/**
 * Batch settings. The delay is 150 ms instead of the specification's 5 s: whoever sends a request wants to see its
 * waterfall at once, and with the 200 ms after which an unsent batch is written to disk, a killed process loses less
 * than the last 500 ms. A batch has up to 2048 spans instead of 512: each request to a backend costs half a millisecond,
 * whatever is in it. The stock exporter keeps 512, since it encodes a batch in one go, and requests wait meanwhile.
 */
export function readBatch(env: EnvReader, stockExporter: boolean): BatchSettings {
  const maxQueueSize = env.integer('OTEL_BSP_MAX_QUEUE_SIZE', 8192, 1);
  const usualBatchSize = Math.min(stockExporter ? 512 : 2048, maxQueueSize);
  let maxExportBatchSize = env.integer('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', usualBatchSize, 1);
  if (maxExportBatchSize > maxQueueSize) {
    maxExportBatchSize = env.refuse(
      'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
      `must not be more than OTEL_BSP_MAX_QUEUE_SIZE (${maxQueueSize}), but is ${maxExportBatchSize}.`,
      maxQueueSize,
    );
  }
  return {
    maxQueueSize,
    maxExportBatchSize,
    scheduleDelayMs: env.integer('OTEL_BSP_SCHEDULE_DELAY', 150, 0),
    exportTimeoutMs: env.integer('OTEL_BSP_EXPORT_TIMEOUT', 30_000, 1),
  };
}
