// OpenTelemetry's own batch processor and exporter send the spans. They keep nothing on disk.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { registerTelemetry } from '@tandem/telemetry';

export const telemetry = registerTelemetry({
  environment: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
