import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { propagation } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import { ownRequire } from '../opentelemetry/optional-package.ts';
import { serverTraced } from '../running-telemetry.ts';
import { hasTracerProvider } from '../sdk/globals.ts';
import { EnvironmentReader } from '../settings/reader.ts';

const MISSING =
  'fastifyTracing makes no spans, because no telemetry was started in this process: start it with ' +
  '`node --import @tandem/telemetry/register main.js` (--require in CommonJS), or register a tracer provider of another ' +
  'SDK with the copy of @opentelemetry/api that @tandem/telemetry uses. OTEL_SDK_DISABLED=true says that no spans are wanted.';

const UNTRACED =
  'Requests arrive, and nothing in this process makes SERVER spans of them. Fastify: register fastifyTracing. Express and ' +
  'plain http: add @opentelemetry/instrumentation-http with registerInstrumentations, after registerTelemetry, in a module ' +
  'that is loaded before all others.';

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

/** Node publishes each HTTP/1 request on this channel (Node.js, diagnostics_channel, "HTTP"). */
const REQUESTS = 'http.server.request.start';

/**
 * Warns with the first request that nothing in this process makes SERVER spans: a service with Express or plain http, or
 * without the plugin. Returns how to stop.
 */
export function noticeUntracedServer(warn: (message: string) => void): () => void {
  const stop = () => void unsubscribe(REQUESTS, look);
  function look(): void {
    stop();
    const loaded = Object.keys(ownRequire.cache);
    const isOther = /[\\/]@opentelemetry[\\/]instrumentation-http[\\/]/;
    if (!serverTraced.value && !loaded.some((file) => isOther.test(file))) warn(UNTRACED);
  }
  subscribe(REQUESTS, look);
  return stop;
}
