import { createRequire } from 'node:module';
import { listedParts } from '../lib/parts.ts';

// The built package, from the folder of the peers: `installTelemetry` puts it there. The telemetry is the pair's: its
// options, and response headers on all routes.
const require = createRequire(import.meta.url);
const telemetry = require('@tandem/telemetry');

// A part, which only the package itself can name.
const { undiciChannels: undici } = createRequire(require.resolve('@tandem/telemetry'))('#any-process');
const copy = process.env.TRACE_LEAN || process.env.BENCH_UNDICI ? { ...telemetry, undici } : telemetry;
// With OTEL_TRACES_EXPORTER=none, in place of our export.
const spanProcessors = process.env.OTEL_TRACES_EXPORTER === 'none' ? [stockExport()] : [];
telemetry.registerTelemetry({ ...listedParts(copy, require, () => true), spanProcessors });

function stockExport(): object {
  const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
  const { BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');
  return new BatchSpanProcessor(new OTLPTraceExporter());
}
