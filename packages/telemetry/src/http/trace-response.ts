import type { Span } from '@opentelemetry/api';
import { INVALID_TRACEID } from '@opentelemetry/api';
import { formatTraceparent } from './traceparent.ts';

/**
 * The value of `traceresponse` (W3C Trace Context level 2 draft), which names the trace in a response, so that the reader finds
 * the waterfall. Undefined without an SDK, when there is no span to look up: the API has no span, or the caller's.
 */
export function traceResponseOf(span: Span): string | undefined {
  const spanContext = span.spanContext();
  if (spanContext.traceId === INVALID_TRACEID || spanContext.isRemote === true) return undefined;
  return formatTraceparent(spanContext);
}

/**
 * The `Server-Timing` of a response with two further entries, for scripts in browsers: `trace` (level 3 draft), and
 * `traceparent`, which browser agents read.
 *
 * @param present the header so far
 */
export function serverTimingOf(traceResponse: string, present: unknown): string {
  const added = `traceparent;desc="${traceResponse}", trace;desc=${traceResponse}`;
  return present ? `${present}, ${added}` : added;
}
