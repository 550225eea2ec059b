import { propagation, SpanKind, trace } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import type { ReadableSpan } from '../opentelemetry/sdk.ts';
import { runningTelemetry } from '../running-telemetry.ts';
import { hasTracerProvider } from '../sdk/globals.ts';
import { SCOPE_NAME } from '../sdk/tracer.ts';
import { EnvironmentReader } from '../settings/reader.ts';
import { unwrappedAddHook } from './lifecycle-spans.ts';

const MISSING =
  'fastifyTracing makes no spans, because no telemetry was started in this process: start it with ' +
  '`node --import @tandem/telemetry/register main.js` (--require in CommonJS), or register a tracer provider of another ' +
  'SDK with the copy of @opentelemetry/api that @tandem/telemetry uses. OTEL_SDK_DISABLED=true says that no spans are wanted.';

const TWICE =
  'makes a SERVER span of each request too, so each request has two of them, and two traces: leave it out, or let it ' +
  "trace outgoing requests only ('@opentelemetry/instrumentation-http': { disableIncomingRequestInstrumentation: true }), " +
  'or leave fastifyTracing out.';

/** Who else makes SERVER spans does so from the first requests on; sampling may hide some of them. */
const REQUESTS_TO_LOOK_AT = 100;

const said = new Set<string>();
let looked = 0;

/**
 * Says once per process, as a warning of Node's, what keeps requests from being one trace each: nobody has started
 * telemetry, or an SDK with instrumentation-http makes SERVER spans too. Where our telemetry runs, it says so at its start.
 */
export function noticeOtherTracing(app: FastifyInstance): void {
  app.addHook('onListen', function lookForTelemetry(done) {
    if (!isMakingSpans()) sayOnce(MISSING);
    done();
  });
  if (runningTelemetry() !== undefined) return;
  unwrappedAddHook(app)('onRequest', function lookForServerSpan(_request, _reply, next) {
    const active = trace.getActiveSpan() as Partial<ReadableSpan> | undefined;
    const maker = active?.instrumentationScope?.name ?? 'Another tracer';
    if (looked++ < REQUESTS_TO_LOOK_AT && active?.kind === SpanKind.SERVER && maker !== SCOPE_NAME)
      sayOnce(`${maker} ${TWICE}`);
    next();
  });
}

function sayOnce(message: string): void {
  if (!said.has(message)) process.emitWarning(message);
  said.add(message);
}

/** Whether our telemetry or another SDK makes the spans, or none are meant to be made. */
function isMakingSpans(): boolean {
  // Propagators alone are registered where telemetry runs without spans.
  if (hasTracerProvider() || propagation.fields().length > 0) return true;
  return new EnvironmentReader(process.env).read('OTEL_SDK_DISABLED');
}
