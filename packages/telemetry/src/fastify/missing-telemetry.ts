import { propagation } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import { EnvReader } from '../environment/env-reader.ts';
import { hasTracerProvider } from '../sdk/globals.ts';

let isSaid = false;

/**
 * Says once, when a server starts, why it makes no spans: nobody has started telemetry in this process. Nothing is said
 * where that is meant (OTEL_SDK_DISABLED), or where another SDK makes the spans.
 */
export function noticeMissingTelemetry(app: FastifyInstance): void {
  // A server without a logger is not only that of a learner, but of most unit tests: these do not listen.
  app.addHook(hasLogger(app) ? 'onReady' : 'onListen', function lookForTelemetry(done: () => void) {
    if (!isSaid && !isMakingSpans()) {
      isSaid = true;
      warn(app, MISSING);
    }
    done();
  });
}

/** Says it in the server's log, or where Node says its warnings. */
export function warn(app: FastifyInstance, message: string): void {
  if (hasLogger(app)) app.log.warn(message);
  else process.emitWarning(message);
}

const MISSING =
  'fastifyTracing makes no spans, because no telemetry was started in this process: start it with ' +
  '`node --import @tandem/telemetry/register main.js` (--require in CommonJS), or register a tracer provider of another ' +
  'SDK with the copy of @opentelemetry/api that @tandem/telemetry uses. OTEL_SDK_DISABLED=true says that no spans are wanted.';

function isMakingSpans(): boolean {
  // Propagators alone are registered where telemetry runs without spans.
  if (hasTracerProvider() || propagation.fields().length > 0) return true;
  return new EnvReader(process.env).boolean('OTEL_SDK_DISABLED', false);
}

/** Without one, Fastify's has no level, and one function for all of them. */
export function hasLogger({ log }: FastifyInstance): boolean {
  return log.warn !== log.info || 'level' in log;
}
