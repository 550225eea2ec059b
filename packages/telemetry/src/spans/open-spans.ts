import type { Span } from '@opentelemetry/api';
import { diag, SpanStatusCode, trace } from '@opentelemetry/api';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import { hasFailed, recordFailure } from './record-failure.ts';

/** `error.type` of spans that were open when the process ended; `tandem.process_ended` is an attribute of them. */
const PROCESS_ENDED = 'process_ended';

/** Of more open spans than this, the oldest are forgotten, because spans that nobody ends must not fill memory. */
const MAX_OPEN = 10_000;

/**
 * Spans that have started and not ended, in the order in which they started, so that the spans of an unfinished request are
 * not lost when the process ends. An engine adds them and takes them out.
 */
export type OpenSpans = Set<Span>;

export function remember(open: OpenSpans, span: Span): void {
  open.add(span);
  if (open.size <= MAX_OPEN) return;
  const [oldest] = open;
  if (oldest !== undefined) open.delete(oldest);
}

/** Records an error that nobody caught on the open spans of the trace in which it was thrown. Never throws. */
export function recordUncaught(open: OpenSpans, error: unknown): void {
  const traceId = trace.getActiveSpan()?.spanContext().traceId;
  for (const span of open) {
    if (span.spanContext().traceId === traceId) quietly(() => recordFailure(span, error));
  }
}

/**
 * Ends the open spans, children before their parents, as Errors unless they have failed already. OpenTelemetry's
 * diagnostics are off afterwards, because a later `end()` of the service is no mistake. Never throws.
 */
export function endOpenSpans(open: OpenSpans): void {
  if (open.size > 0) diag.disable();
  for (const span of [...open].reverse()) quietly(() => end(span));
}

/** An error that cannot be read, or a processor of the host's that throws, must not keep the process from ending. */
function quietly(work: () => void): void {
  try {
    work();
  } catch {}
}

function end(span: Span): void {
  span.setAttribute(`tandem.${PROCESS_ENDED}`, true);
  if (!hasFailed(span)) {
    span.setAttribute(ATTR_ERROR_TYPE, PROCESS_ENDED);
    span.setStatus({
      code: SpanStatusCode.ERROR,
      message: 'the process ended while this span was open',
    });
  }
  span.end();
}
