import { diag, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import { hasFailed, recordFailure } from './record-failure.ts';

/** `error.type` of spans that were open when the process ended; `tandem.process_ended` is an attribute of them. */
const PROCESS_ENDED = 'process_ended';

/** Of more open spans than this, the oldest are forgotten, because spans that nobody ends must not fill memory. */
const MAX_OPEN = 10_000;

/** Keeps a list of open spans, so that the spans of an unfinished request are not lost when the process ends. */
export class OpenSpans implements SpanProcessor {
  /** In the order in which they started. */
  readonly #spans = new Set<Span>();

  onStart(span: Span): void {
    this.#spans.add(span);
    if (this.#spans.size <= MAX_OPEN) return;
    const [oldest] = this.#spans;
    if (oldest !== undefined) this.#spans.delete(oldest);
  }

  onEnd(span: ReadableSpan): void {
    this.#spans.delete(span as Span);
  }

  /** Records an error that nobody caught on the open spans of the trace in which it was thrown. Never throws. */
  recordUncaught(error: unknown): void {
    const traceId = trace.getActiveSpan()?.spanContext().traceId;
    for (const span of this.#spans) {
      if (span.spanContext().traceId === traceId) quietly(() => recordFailure(span, error));
    }
  }

  /**
   * Ends the open spans, children before their parents, as Errors unless they have failed already. OpenTelemetry's
   * diagnostics are off afterwards, because a later `end()` of the service is no mistake. Never throws.
   */
  endAll(): void {
    const open = [...this.#spans].reverse();
    if (open.length > 0) diag.disable();
    for (const span of open) quietly(() => end(span));
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
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
