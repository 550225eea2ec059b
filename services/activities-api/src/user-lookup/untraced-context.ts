import { randomBytes } from 'node:crypto';
import type { Context } from '@opentelemetry/api';
import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';

/**
 * A context for calls that belong to no request and are not worth a trace: like health checks they make no spans, and
 * the called service is told that the decision was made.
 */
export function untracedContext(): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    traceFlags: TraceFlags.NONE,
  });
}
