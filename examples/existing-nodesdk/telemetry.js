// OpenTelemetry's own SDK stays as it is: it makes, samples and exports the spans. Only its http instrumentation goes,
// because fastifyTracing makes the SERVER span.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({
  serviceName: 'accounts', // the SDK does not read package.json: without a name it says unknown_service:node
  traceExporter: new OTLPTraceExporter(),
  instrumentations: [new UndiciInstrumentation()],
});
sdk.start();
process.once('SIGTERM', () => sdk.shutdown().catch(console.error));
