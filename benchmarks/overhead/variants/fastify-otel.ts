import { createRequire } from 'node:module';
import { usePlugin } from './use-plugin.ts';

const require = createRequire(import.meta.url);
const { FastifyOtelInstrumentation } = require('@fastify/otel');
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
const { resourceFromAttributes } = require('@opentelemetry/resources');

new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': process.env.OTEL_SERVICE_NAME }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
}).register();
new UndiciInstrumentation();
usePlugin(new FastifyOtelInstrumentation().plugin());
