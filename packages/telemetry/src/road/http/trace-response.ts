import type { Span } from '@opentelemetry/api';
import { INVALID_TRACEID } from '@opentelemetry/api';
import { formatTraceparent } from './traceparent.ts';

/**
 * Names the trace in a response, so that the reader finds the waterfall: `traceresponse` (W3C Trace Context level 2 draft), and for
 * scripts in browsers two further entries of `Server-Timing`: `trace` (level 3 draft), and `traceparent`, which browser agents
 * read. It writes nothing when there is no span to look up, as without an SDK: the API has no span then, or the caller's.
 *
 * @param serverTiming the header so far
 */
export function writeTraceResponse(
  span: Span,
  serverTiming: unknown,
  write: (header: string, value: string) => void,
): void {
  const spanContext = span.spanContext();
  if (spanContext.traceId === INVALID_TRACEID || spanContext.isRemote === true) return;
  const traceResponse = formatTraceparent(spanContext);
  const added = `traceparent;desc="${traceResponse}", trace;desc=${traceResponse}`;
  write('traceresponse', traceResponse);
  write('server-timing', serverTiming ? `${serverTiming}, ${added}` : added);
}
