import type { Span } from '@opentelemetry/api';
import { INVALID_TRACEID } from '@opentelemetry/api';
import { formatTraceparent } from '../context/traceparent.ts';

/** The headers of a response that was not sent yet. */
interface Headers {
  getHeader(name: string): unknown;
  setHeader(name: string, value: string): unknown;
}

/**
 * Tells the holder of a response where its waterfall is: `traceresponse` (W3C Trace Context level 2 draft) and, for
 * scripts in browsers, two entries in `Server-Timing`, beside the entries that are there: `trace` (level 3 draft) and
 * `traceparent`, as browser agents have looked for it.
 */
export function setTraceResponse(response: Headers, span: Span): void {
  const spanContext = span.spanContext();
  // Without an SDK there is no span to look up: the API knows none, or the caller's only.
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
