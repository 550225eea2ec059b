import type { Span } from '@opentelemetry/api';
import { INVALID_TRACEID } from '@opentelemetry/api';
import { formatTraceparent } from '../context/traceparent.ts';

/**
 * The headers that name the trace in a response, so that the reader finds the waterfall: `traceresponse` (W3C Trace Context
 * level 2 draft) and, for scripts in browsers, two further entries in `Server-Timing`: `trace` (level 3 draft) and
 * `traceparent`, which browser agents read.
 *
 * @param timing the present `Server-Timing` of the response
 */
export function traceResponseHeaders(span: Span, timing: unknown): Readonly<Record<string, string>> {
  const spanContext = span.spanContext();
  // Without an SDK, there is no span to look up: the API has no span, or the caller's.
  if (spanContext.traceId === INVALID_TRACEID || spanContext.isRemote === true) return {};
  const traceparent = formatTraceparent(spanContext);
  const added = `traceparent;desc="${traceparent}", trace;desc=${traceparent}`;
  return { traceresponse: traceparent, 'server-timing': timing ? `${timing}, ${added}` : added };
}
