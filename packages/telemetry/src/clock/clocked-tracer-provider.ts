import type {
  Attributes,
  Context,
  Exception,
  HrTime,
  Span,
  SpanOptions,
  TimeInput,
  Tracer,
  TracerOptions,
  TracerProvider,
} from '@opentelemetry/api';
import { context, trace } from '@opentelemetry/api';
import type { StartAttributes } from './start-attributes.ts';
import type { ClockAnchor } from './trace-clock.ts';
import { TraceClock, timeAt } from './trace-clock.ts';

const ANCHOR = Symbol('tandem.clock-anchor');
type ClockedSpan = Span & { [ANCHOR]?: ClockAnchor };

/**
 * A tracer provider whose spans take their times from one monotonic clock per process: starts, ends and events that the
 * caller gives no time for. The spans themselves are the inner provider's. The SDK alone starts spans at whole
 * milliseconds of the wall clock but measures their durations, so that children stick out of their parents.
 */
export class ClockedTracerProvider implements TracerProvider {
  readonly #inner: TracerProvider;
  readonly #clock: TraceClock;
  readonly #startAttributes: StartAttributes | undefined;

  /** @param startAttributes the ones that the inner provider was made with; without them, its tracer gets them itself */
  constructor(
    inner: TracerProvider,
    clock: TraceClock = new TraceClock(),
    startAttributes: StartAttributes | undefined = undefined,
  ) {
    this.#inner = inner;
    this.#clock = clock;
    this.#startAttributes = startAttributes;
  }

  getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    const tracer = this.#inner.getTracer(name, version, options);
    return new ClockedTracer(tracer, this.#clock, this.#startAttributes);
  }
}

class ClockedTracer implements Tracer {
  readonly #inner: Tracer;
  readonly #clock: TraceClock;
  readonly #startAttributes: StartAttributes | undefined;
  readonly #end: Span['end'];
  readonly #addEvent: Span['addEvent'];
  readonly #recordException: Span['recordException'];

  constructor(inner: Tracer, clock: TraceClock, startAttributes: StartAttributes | undefined) {
    this.#inner = inner;
    this.#clock = clock;
    this.#startAttributes = startAttributes;
    const timeOf = (span: ClockedSpan, time: TimeInput | undefined) => resolve(clock, span[ANCHOR], time);

    // Shared by all spans of this tracer: a span gets three properties, and no closure of its own.
    this.#end = function end(this: ClockedSpan, time?: TimeInput) {
      methodsOf(this).end.call(this, timeOf(this, time));
    };
    this.#addEvent = function addEvent(
      this: ClockedSpan,
      name: string,
      attributesOrTime?: Attributes | TimeInput,
      time?: TimeInput,
    ) {
      const { addEvent } = methodsOf(this);
      return isTime(attributesOrTime)
        ? addEvent.call(this, name, timeOf(this, attributesOrTime))
        : addEvent.call(this, name, attributesOrTime, timeOf(this, time));
    };
    this.#recordException = function recordException(
      this: ClockedSpan,
      exception: Exception,
      time?: TimeInput,
    ) {
      methodsOf(this).recordException.call(this, exception, timeOf(this, time));
    };
  }

  startSpan(name: string, options: SpanOptions = {}, parentContext: Context = context.active()): Span {
    const parent: ClockedSpan | undefined = options.root === true ? undefined : trace.getSpan(parentContext);
    const anchor = parent?.[ANCHOR] ?? this.#clock.anchor();
    const startTime = resolve(this.#clock, anchor, options.startTime);
    const span: ClockedSpan = this.#startInner(name, options, startTime, parentContext);
    if (!span.isRecording()) return span;
    span[ANCHOR] = anchor;
    span.end = this.#end;
    span.addEvent = this.#addEvent;
    span.recordException = this.#recordException;
    return span;
  }

  #startInner(name: string, options: SpanOptions, startTime: TimeInput, parentContext: Context): Span {
    const startAttributes = this.#startAttributes;
    if (startAttributes === undefined) {
      return this.#inner.startSpan(name, { ...options, startTime }, parentContext);
    }
    const { kind, links, root, attributes } = options;
    // Always of one shape, which is what makes it quick to read.
    const innerOptions = { startTime, kind, links, root } as SpanOptions;
    startAttributes.set(attributes);
    try {
      return this.#inner.startSpan(name, innerOptions, parentContext);
    } finally {
      // Still there when the span is not sampled.
      startAttributes.set(undefined);
    }
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, fn: F): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    fn: F,
  ): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    context: Context,
    fn: F,
  ): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    ...rest: [F] | [SpanOptions, F] | [SpanOptions, Context, F]
  ): ReturnType<F> {
    const fn = rest.at(-1) as F;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const parentContext = rest.length > 2 ? (rest[1] as Context) : context.active();
    const span = this.startSpan(name, options, parentContext);
    const run = () => fn(span) as ReturnType<F>;
    return context.with(trace.setSpan(parentContext, span), run);
  }
}

/** The methods that the inner provider's spans have themselves. */
function methodsOf(span: Span): Span {
  return Object.getPrototypeOf(span);
}

function resolve(
  clock: TraceClock,
  anchor: ClockAnchor | undefined,
  time: TimeInput | undefined,
): TimeInput | HrTime {
  if (anchor === undefined) return time ?? Date.now();
  if (time === undefined) return clock.now(anchor);
  return typeof time === 'number' && clock.isMonotonic(time) ? timeAt(anchor, time) : time;
}

function isTime(value: unknown): value is TimeInput {
  return (
    typeof value === 'number' ||
    value instanceof Date ||
    (Array.isArray(value) && typeof value[0] === 'number')
  );
}
