import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { isServerTraced } from '../running-telemetry.ts';
import { hasOtherTracer } from './double-tracing.ts';

/** Where Node tells of each request of HTTP/1 (Node.js, diagnostics_channel, "HTTP"). */
const CHANNEL = 'http.server.request.start';

/**
 * Calls `warn` once when a first request arrives and nothing in this process makes SERVER spans: a service with Express
 * or plain http, or one that has not registered the plugin. Looks at the first request only. Returns how to stop.
 */
export function noticeUntracedServer(warn: (message: string) => void): () => void {
  const stop = () => void unsubscribe(CHANNEL, look);
  function look(): void {
    stop();
    if (!isServerTraced() && !hasOtherTracer()) warn(UNTRACED);
  }
  subscribe(CHANNEL, look);
  return stop;
}

const UNTRACED =
  'Requests arrive, and nothing in this process makes SERVER spans of them. Fastify: register fastifyTracing. Express and ' +
  'plain http: add @opentelemetry/instrumentation-http with registerInstrumentations, after registerTelemetry, in a module ' +
  'that is loaded before all others.';
