import { diag, SpanStatusCode, trace } from '@opentelemetry/api';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import type { Span, SpanProcessor } from '../opentelemetry/sdk.ts';
import { hasFailed, recordFailure } from './record-failure.ts';

/** `error.type` of spans that were open when the process ended, and with `tandem.` before it the attribute that says so. */
const PROCESS_ENDED = 'process_ended';

/** Spans that nobody ends must not take memory without end: of more open ones than this, the oldest are forgotten. */
const MAX_OPEN = 10_000;

/** Ended spans are let go when at least so many have started since the last time. */
const LET_GO_TOGETHER = 64;

/**
 * Knows the spans that are open, so that those of the request in which a process ends are not lost with it. One that
 * ends says nothing here: a Set of them, with its deletions, costs three times as much (65 ns per span).
 */
export class OpenSpans implements SpanProcessor {
  /** In the order in which they started, with some that have ended. */
  #spans: Span[] = [];
  #letGoAt = LET_GO_TOGETHER;

  onStart(span: Span): void {
    if (this.#spans.length >= this.#letGoAt) {
      this.#spans = this.#spans.filter((each) => each.isRecording()).slice(-MAX_OPEN);
      this.#letGoAt = this.#spans.length + Math.max(LET_GO_TOGETHER, this.#spans.length / 4);
    }
    this.#spans.push(span);
  }

  onEnd(): void {}

  /** Records an error that nobody caught on the active span and on those around it in this process. Never throws. */
  recordUncaught(error: unknown): void {
    try {
      const known = new Map(this.#spans.map((span) => [span.spanContext().spanId, span]));
      let id = trace.getActiveSpan()?.spanContext().spanId;
      for (let span = known.get(id ?? ''); span; span = known.get(id ?? '')) {
        recordFailure(span, error);
        id = span.parentSpanContext?.spanId;
      }
    } catch {
      // An error that cannot be read; the process ends by it all the same.
    }
  }

  /**
   * Ends the open spans, children before their parents, as Errors unless they say something else already. Their own
   * `end()` is no mistake then: from here on, OpenTelemetry's diagnostics are off. Never throws.
   */
  endAll(): void {
    const open = this.#spans.filter((each) => each.isRecording()).reverse();
    this.#spans = [];
    if (open.length > 0) diag.disable();
    for (const span of open) {
      try {
        end(span);
      } catch {
        // A processor of the host's; the others are ended all the same.
      }
    }
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
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
