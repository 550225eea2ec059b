import { propagation } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import { hasTracerProvider } from '../sdk/globals.ts';
import { EnvironmentReader } from '../settings/reader.ts';

const MISSING =
  'fastifyTracing makes no spans, because no telemetry was started in this process: start it with ' +
  '`node --import @tandem/telemetry/register main.js` (--require in CommonJS), or register a tracer provider of another ' +
  'SDK with the copy of @opentelemetry/api that @tandem/telemetry uses. OTEL_SDK_DISABLED=true says that no spans are wanted.';

let isSaid = false;

/** Says once per process, as a warning of Node's, that nobody has started telemetry. */
export function noticeMissingTelemetry(app: FastifyInstance): void {
  app.addHook('onListen', function lookForTelemetry(done) {
    if (!isSaid && !isMakingSpans()) {
      isSaid = true;
      process.emitWarning(MISSING);
    }
    done();
  });
}

/** Whether our telemetry or another SDK makes the spans, or none are meant to be made. */
function isMakingSpans(): boolean {
  // Propagators alone are registered where telemetry runs without spans.
  if (hasTracerProvider() || propagation.fields().length > 0) return true;
  return new EnvironmentReader(process.env).read('OTEL_SDK_DISABLED');
}
