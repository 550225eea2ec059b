import { createRequire } from 'node:module';
import { listedParts } from '../lib/parts.ts';

// The built package, from the folder of the peers: `installTelemetry` puts it there. The telemetry is the pair's: its
// options, and response headers on all routes.
const require = createRequire(import.meta.url);
const telemetry = require('@tandem/telemetry');

const { undiciChannels: channels } = require('@tandem/telemetry/any-process');
const isOfChannels = process.env.TRACE_LEAN || process.env.BENCH_UNDICI;
const copy = { ...telemetry, ...(isOfChannels && { undici: channels }) };
const parts = listedParts(copy, require, () => true);
// With OTEL_TRACES_EXPORTER=none, in place of our export.
const spanProcessors = process.env.OTEL_TRACES_EXPORTER === 'none' ? [stockExport()] : [];
telemetry.registerTelemetry({ ...parts, spanProcessors });

function stockExport(): object {
  const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
  const { BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');
  return new BatchSpanProcessor(new OTLPTraceExporter());
}
