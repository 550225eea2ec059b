import type { Span } from '@opentelemetry/api';
import { INVALID_TRACEID } from '@opentelemetry/api';
import { formatTraceparent } from '../context/traceparent.ts';

/** The headers of an unsent response. */
interface Headers {
  getHeader(name: string): unknown;
  setHeader(name: string, value: string): unknown;
}

/**
 * Names the trace in a response, so that the reader finds the waterfall: `traceresponse` (W3C Trace Context level 2 draft)
 * and, for scripts in browsers, two further entries in `Server-Timing`: `trace` (level 3 draft) and `traceparent`, which
 * browser agents read.
 */
export function setTraceResponse(response: Headers, span: Span): void {
  const spanContext = span.spanContext();
  // Without an SDK, there is no span to look up: the API has no span, or the caller's.
  if (spanContext.traceId === INVALID_TRACEID || spanContext.isRemote === true) return;
  const traceparent = formatTraceparent(spanContext);
  const timing = `traceparent;desc="${traceparent}", trace;desc=${traceparent}`;
  const existing = response.getHeader('server-timing');
  response.setHeader('traceresponse', traceparent);
  response.setHeader(
    'server-timing',
    existing === undefined || existing === '' ? timing : `${existing}, ${timing}`,
  );
}
