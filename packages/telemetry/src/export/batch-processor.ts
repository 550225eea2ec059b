import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Item } from './signal.ts';

/** OTEL_BSP_* of spans, OTEL_BLRP_* of log records. Times in milliseconds. */
export interface BatchSettings {
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduleDelayMs: number;
  readonly exportTimeoutMs: number;
}

/** Collects ended spans, or emitted log records, and hands them over in batches. */
export class BatchProcessor implements SpanProcessor, LogRecordProcessor {
  onStart(): void {}
  onEnd(_span: ReadableSpan): void {}
  onEmit(_record: Item): void {}
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
