import type { Attributes, Context, HrTime, Span, SpanOptions, TimeInput } from '@opentelemetry/api';
import { context, INVALID_SPAN_CONTEXT, trace } from '@opentelemetry/api';
import { isTimeInput, isTimeInputHrTime, millisToHrTime } from '@opentelemetry/core';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { RANDOM_TRACE_STATE } from '../context/tracestate.ts';
import type { ProcessTracerProvider, ProviderOptions } from './engine.ts';
import type { OpenSpans } from './open-spans.ts';
import { remember } from './open-spans.ts';

/**
 * Milliseconds since the epoch at `performance.now() === 0`, as one trace sees it. All spans that a process makes in one
 * trace share one anchor, so their times come from the monotonic clock alone, and nest even when the system clock steps.
 * As a number, a time is exact to a quarter of a microsecond.
 */
export type ClockAnchor = number;

/** How often the anchor is compared with the system clock, in milliseconds, while traces begin. */
const CHECK_INTERVAL_MS = 1_000;

/** The anchor is precise when its bounds are this near: two processes agree within 50 µs. */
const PRECISE_MS = 0.02;

/** Some twenty ticks of the system clock. One tick is enough, unless the process had to wait at that moment. */
const MAX_READINGS = 200_000;

/** Rounding of milliseconds since the epoch is no step of the clock. */
const ROUNDING_MS = 0.001;

/**
 * The clock of a process's spans.
 *
 * Node's `performance.timeOrigin` is made of two readings with a gap between them: in one of 13 starts, two services on
 * one host disagreed by 0.4 ms. So the clock watches the system clock until it ticks, for a millisecond at the start of
 * the process, and again when the system clock has been stepped. A step reaches new traces only.
 */
export class TraceClock {
  #anchor: ClockAnchor = measure();
  #nextCheckAt = 0;

  /** The anchor for a trace that starts now. */
  anchor(): ClockAnchor {
    const now = performance.now();
    if (now < this.#nextCheckAt) return this.#anchor;
    this.#nextCheckAt = now + CHECK_INTERVAL_MS;
    const { low, high } = readBounds();
    if (this.#anchor < low - ROUNDING_MS || this.#anchor > high + ROUNDING_MS) this.#anchor = measure();
    return this.#anchor;
  }
}

/**
 * A time that a caller gave, as a trace with this anchor sees it: a date, milliseconds since the epoch, a reading of
 * `performance.now()` (a number that is no larger than it is now), or seconds and nanoseconds. Now for anything else.
 */
export function toHrTime(anchor: ClockAnchor, time: TimeInput | undefined): HrTime {
  const now = performance.now();
  if (typeof time === 'number') return millisToHrTime(time <= now ? anchor + time : time);
  if (time instanceof Date) return millisToHrTime(time.getTime());
  return isTimeInputHrTime(time) ? time : millisToHrTime(anchor + now);
}

/** Reads until the system's clock ticks. */
function measure(): ClockAnchor {
  let { low, high } = readBounds();
  for (let count = 0; count < MAX_READINGS && high - low > PRECISE_MS; count++) {
    const bounds = readBounds();
    low = Math.max(low, bounds.low);
    high = Math.min(high, bounds.high);
  }
  return (low + high) / 2;
}

/**
 * Bounds of the anchor by one reading, also when the process had to wait during the reading: after it, the system's clock
 * was at least at this whole millisecond; before it, the clock had not reached the next one.
 */
function readBounds(): { readonly low: number; readonly high: number } {
  const before = performance.now();
  const milliseconds = Date.now();
  return { low: milliseconds - performance.now(), high: milliseconds + 1 - before };
}

/** Where a span keeps its anchor, which all spans that this process makes in one trace share. */
const ANCHOR: unique symbol = Symbol('tandem anchor');
type ClockedSpan = Span & { [ANCHOR]?: ClockAnchor };
type SdkTracer = ReturnType<NodeTracerProvider['getTracer']>;

/**
 * The SDK's provider. Its tracers take all times of spans from one clock of the process, to the microsecond: a span of the
 * SDK starts at a whole millisecond, before its parent perhaps. Its tracers also keep the set of open spans, and mark new traces as random
 * (W3C Trace Context level 2), because the SDK makes the flags of each span anew.
 */
export class ClockedTracerProvider extends NodeTracerProvider implements ProcessTracerProvider {
  readonly #clock: TraceClock;
  readonly #open: OpenSpans;

  constructor({ clock, sampler, openSpans = new Set(), ...config }: ProviderOptions) {
    super({ ...config, ...(sampler && { sampler }) });
    this.#clock = clock;
    this.#open = openSpans;
  }

  override getTracer(...scope: Parameters<NodeTracerProvider['getTracer']>): SdkTracer {
    const tracer = super.getTracer(...scope);
    if (!Object.hasOwn(tracer, 'startSpan')) putOnClock(tracer, this.#clock, this.#open);
    return tracer;
  }
}

/** The time of a span's trace, for a log line written in the span. */
export function timeWithin(span: Span | undefined, clock: TraceClock): HrTime {
  return toHrTime((span as ClockedSpan | undefined)?.[ANCHOR] ?? clock.anchor(), undefined);
}

function putOnClock(tracer: SdkTracer, clock: TraceClock, open: OpenSpans): void {
  function endOnClock(this: ClockedSpan, time?: TimeInput): void {
    open.delete(this);
    Object.getPrototypeOf(this).end.call(this, toHrTime(this[ANCHOR] ?? 0, time));
  }
  const startSpan = tracer.startSpan.bind(tracer);
  // `startActiveSpan` of the SDK calls it, too.
  tracer.startSpan = (name: string, options: SpanOptions = {}, parent: Context = context.active()): Span => {
    const parentSpan: ClockedSpan | undefined = trace.getSpan(parent);
    const anchor = parentSpan?.[ANCHOR] ?? clock.anchor();
    const startTime = toHrTime(anchor, options.startTime);
    const span: ClockedSpan = startSpan(name, { ...options, startTime }, parent);
    const spanContext = span.spanContext();
    const isRoot = spanContext.traceId !== parentSpan?.spanContext().traceId;
    // A suppressed span has the API's own context, which all such spans share.
    if (isRoot && spanContext !== INVALID_SPAN_CONTEXT) spanContext.traceState ??= RANDOM_TRACE_STATE;
    if (span.isRecording()) {
      span[ANCHOR] = anchor;
      span.end = endOnClock;
      span.addEvent = addEventOnClock;
      remember(open, span);
    }
    return span;
  };
}

/** `recordException` of the SDK calls it, too. */
function addEventOnClock(
  this: ClockedSpan,
  name: string,
  attributesOrTime?: Attributes | TimeInput,
  time?: TimeInput,
): ClockedSpan {
  const isTime = isTimeInput(attributesOrTime);
  const given = isTime && time === undefined ? attributesOrTime : time;
  const attributes = isTime ? undefined : attributesOrTime;
  return Object.getPrototypeOf(this).addEvent.call(
    this,
    name,
    attributes,
    toHrTime(this[ANCHOR] ?? 0, given),
  );
}
