import type { Context } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '../opentelemetry/sdk.ts';
import { textWaterfall } from './text-waterfall.ts';

/** A trace whose local root never ends must not grow memory without end: the oldest are printed as they are. */
const MAX_WAITING_SPANS = 10_000;

/**
 * OTEL_TRACES_EXPORTER=console: prints each finished local tree (the spans of one trace that this process made) as a
 * small text waterfall, when its local root ends.
 */
export class ConsoleSpanProcessor implements SpanProcessor {
  readonly #write: (text: string) => void;
  readonly #waiting = new Map<string, ReadableSpan[]>();
  #count = 0;

  constructor(write: (text: string) => void = (text) => process.stdout.write(text)) {
    this.#write = write;
  }

  onStart(_span: Span, _context: Context): void {}

  onEnd(span: ReadableSpan): void {
    const { traceId } = span.spanContext();
    const spans = this.#waiting.get(traceId);
    if (spans === undefined) this.#waiting.set(traceId, [span]);
    else spans.push(span);
    this.#count += 1;
    const isLocalRoot = span.parentSpanContext === undefined || span.parentSpanContext.isRemote === true;
    if (isLocalRoot) this.#print(traceId);
    else if (this.#count > MAX_WAITING_SPANS) this.#print(this.#waiting.keys().next().value ?? traceId);
  }

  async forceFlush(): Promise<void> {
    for (const traceId of [...this.#waiting.keys()]) this.#print(traceId);
  }

  shutdown(): Promise<void> {
    return this.forceFlush();
  }

  #print(traceId: string): void {
    const spans = this.#waiting.get(traceId);
    if (spans === undefined) return;
    this.#waiting.delete(traceId);
    this.#count -= spans.length;
    this.#write(textWaterfall(traceId, spans));
  }
}
