import type { Span } from '@opentelemetry/api';
import { SpanKind, trace } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import { runningTelemetry } from '../running-telemetry.ts';
import { SCOPE_NAME } from '../sdk/tracer.ts';
import { unwrappedAddHook } from './lifecycle-spans.ts';
import { warn } from './missing-telemetry.ts';

/** Who else makes SERVER spans does so from the first requests on; sampling may hide some of them. */
const REQUESTS_TO_LOOK_AT = 100;

let left = REQUESTS_TO_LOOK_AT;

/**
 * Warns once when a request has a SERVER span already before ours begins: an SDK with instrumentation-http (or with
 * auto-instrumentations) gives each request a trace of its own. Where our telemetry runs, it says so at its start.
 */
export function noticeSecondServerSpan(app: FastifyInstance): void {
  if (runningTelemetry() !== undefined) return;
  unwrappedAddHook(app)('onRequest', function lookForServerSpan(_request, _reply, next) {
    if (left > 0) {
      left--;
      const maker = activeServerSpan();
      if (maker !== undefined && maker !== SCOPE_NAME) {
        left = 0;
        warn(app, `${maker} ${TWICE}`);
      }
    }
    next();
  });
}

const TWICE =
  'makes a SERVER span of each request too, so each request has two of them, and two traces: leave it out, or let it ' +
  "trace outgoing requests only ('@opentelemetry/instrumentation-http': { disableIncomingRequestInstrumentation: true }), " +
  'or leave fastifyTracing out.';

/** Who made the active span, if it is a recording SERVER span. */
function activeServerSpan(): string | undefined {
  const active: (Span & Partial<RecordingSpan>) | undefined = trace.getActiveSpan();
  if (active?.kind !== SpanKind.SERVER) return undefined;
  return active.instrumentationScope?.name ?? 'Another tracer';
}

/** What spans of OpenTelemetry's SDK have besides. */
interface RecordingSpan {
  readonly kind: SpanKind;
  readonly instrumentationScope: { readonly name: string };
}
