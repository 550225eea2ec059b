// OpenTelemetry's own batch processor and exporter send the spans. They keep nothing on disk.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { registerTelemetry } from '@tandem/telemetry';

process.env.OTEL_TRACES_EXPORTER = 'none'; // telemetry sends no spans, so each span goes out once

export const telemetry = registerTelemetry({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
