import { createStockDelivery } from '../../../packages/telemetry/src/delivery/index.ts';
import { fastifyTracing, startTelemetry } from '../../../packages/telemetry/src/index.ts';
import { usePlugin } from './use-plugin.ts';

// The settings of the specification: batches of 512, at least every five seconds.
const delivery = createStockDelivery({
  serviceName: process.env.OTEL_SERVICE_NAME ?? '',
  destinations: [
    {
      name: 'otlp',
      url: `${process.env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`,
      headers: {},
      timeoutMs: 10_000,
      compression: 'none',
      tls: undefined,
    },
  ],
  batch: { maxQueueSize: 2048, maxExportBatchSize: 512, scheduleDelayMs: 5_000, exportTimeoutMs: 30_000 },
  reporter: { report() {}, recovered() {}, finish() {} },
  log: { debug() {}, info() {}, warn() {}, error() {} },
});
startTelemetry({
  environment: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
  spanProcessors: [delivery.processor],
});
usePlugin(fastifyTracing);
