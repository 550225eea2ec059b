import './plain.ts';
import { createRequire } from 'node:module';

// As in the documentation of the instrumentation; the processor's queue holds what comes.
const require = createRequire(import.meta.url);
const { logs } = require('@opentelemetry/api-logs');
const { LoggerProvider, BatchLogRecordProcessor } = require('@opentelemetry/sdk-logs');
const { OTLPLogExporter } = require('@opentelemetry/exporter-logs-otlp-proto');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { PinoInstrumentation } = require('@opentelemetry/instrumentation-pino');
const { resourceFromAttributes } = require('@opentelemetry/resources');

logs.setGlobalLoggerProvider(
  new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': process.env.OTEL_SERVICE_NAME }),
    processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(), maxQueueSize: 1e6 })],
  }),
);
// The lines of all variants name their span already.
registerInstrumentations({ instrumentations: [new PinoInstrumentation({ disableLogCorrelation: true })] });
