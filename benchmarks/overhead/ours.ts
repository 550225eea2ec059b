import { createRequire } from 'node:module';
import { usePlugin } from './variants/use-plugin.ts';

// The built package, from the folder of the peers: `installTelemetry` puts it there. The telemetry is the pair's: its
// options, and response headers on all routes. OVERHEAD_SWAP puts one part of examples/by-hand in place of ours.
const require = createRequire(import.meta.url);
const { fastifyServers, fastifyTracing, pinoLines, registerTelemetry } = require('@tandem/telemetry');

/** The parts that can be swapped: options of `registerTelemetry`, and of the plugin. */
const SWAPS: Readonly<Record<string, () => { readonly telemetry?: object; readonly plugin?: object }>> = {
  'response headers': () => ({ plugin: { traceResponse: () => false } }),
  'baggage attributes': () => ({ telemetry: { baggageAttributes: [] } }),
  'corrections of undici': () => ({ telemetry: { instruments: [fastifyServers, bareUndici, pinoLines] } }),
  export: () => ({ telemetry: { spanProcessors: [stockExport()] } }), // with OTEL_TRACES_EXPORTER=none
};

const { telemetry, plugin } = SWAPS[process.env.OVERHEAD_SWAP ?? '']?.() ?? {};
registerTelemetry({ baggageAttributes: ['user.id', 'tandem.scenario'], ...telemetry });
usePlugin(
  Object.assign(
    (app: unknown, _: unknown, done: () => void) =>
      fastifyTracing(app, { traceResponse: () => true, ...plugin }, done),
    { [Symbol.for('skip-override')]: true },
  ),
);

function bareUndici(): () => void {
  const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
  const instrumentation = new UndiciInstrumentation();
  return () => instrumentation.disable();
}

function stockExport(): object {
  const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
  const { BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');
  return new BatchSpanProcessor(new OTLPTraceExporter());
}
