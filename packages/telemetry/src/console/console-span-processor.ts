import type { Context } from '@opentelemetry/api';
import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '../opentelemetry/sdk.ts';
import { hrTimeToMilliseconds } from '../opentelemetry/sdk.ts';
import { depthFirst, spanTree } from './span-tree.ts';

/** A trace whose local root never ends must not grow memory without end: the oldest are printed as they are. */
const MAX_WAITING_SPANS = 10_000;

/**
 * OTEL_TRACES_EXPORTER=console: prints each finished local tree (the spans of one trace that this process made), when its
 * local root ends.
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
    this.#write(textTree(traceId, spans));
  }
}

/**
 * The spans of one process in one trace as text: a line for the trace, then one line a span, below its parent.
 *
 *     trace 0af7651916cd43dd8448eb211c80319c  activities-api
 *       GET /api/activities/home  12.4 ms
 *         SELECT activities  0.812 ms  ! ECONNREFUSED
 */
function textTree(traceId: string, spans: readonly ReadableSpan[]): string {
  const service = String(spans[0]?.resource.attributes['service.name'] ?? '');
  const lines = depthFirst(spanTree(spans)).map(({ node: { name, span }, depth }) => {
    const duration = `${hrTimeToMilliseconds(span.duration).toPrecision(3)} ms`;
    return `${'  '.repeat(depth + 1)}${printable(name)}  ${duration}${errorMark(span)}\n`;
  });
  return `trace ${traceId}  ${service}\n${lines.join('')}`;
}

function errorMark({ status, attributes }: ReadableSpan): string {
  if (status.code !== SpanStatusCode.ERROR) return '';
  return `  ! ${printable(String(attributes['error.type'] ?? status.message ?? 'error'))}`;
}

/** Span names come from code, but a terminal must never be steered by one. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '�');
}
