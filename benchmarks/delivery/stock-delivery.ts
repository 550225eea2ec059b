import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { BatchSettings } from '../../packages/telemetry/src/settings/batch.ts';

/** OpenTelemetry's own batch processor and exporter, which ours is compared with. */
export function createStockDelivery(url: string, batch: BatchSettings) {
  const exporter = new OTLPTraceExporter({ url, httpAgentOptions: { keepAlive: true } });
  const processor = new BatchSpanProcessor(exporter, {
    maxQueueSize: batch.maxQueueSize,
    maxExportBatchSize: batch.maxExportBatchSize,
    scheduledDelayMillis: batch.scheduleDelayMs,
    exportTimeoutMillis: batch.exportTimeoutMs,
  });
  return {
    processor,
    flush: () => processor.forceFlush(),
    shutdown: async (_deadlineMs: number) => processor.shutdown(),
  };
}
