import { types } from 'node:util';
import type { Context, HrTime, Span, SpanOptions, TimeInput } from '@opentelemetry/api';
import { context, INVALID_SPAN_CONTEXT, trace } from '@opentelemetry/api';
import { isTimeInputHrTime, millisToHrTime } from '@opentelemetry/core';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { monotonicNow, systemNow } from '../../common/primordials.ts';
import { RANDOM_TRACE_STATE } from '../http/tracestate.ts';
import type { Engine } from './engine.ts';
import type { SdkSpan } from './official-members.ts';
import { encode } from './serializer.ts';

/**
 * Milliseconds since the epoch at `performance.now() === 0`, for one trace. All spans of a process in one trace share one
 * anchor, so only the monotonic clock moves their times, and the spans nest even when the system clock steps. As a number,
 * a time is exact to a quarter of a microsecond.
 */
export type ClockAnchor = number;

/** Key of a span's anchor, in both engines. All spans of this process in one trace share the anchor. */
export const ANCHOR: unique symbol = Symbol('tandem anchor');

/** A new trace compares the anchor with the system clock after this time, in milliseconds. */
const CHECK_INTERVAL_MS = 1_000;

/** The anchor is precise when its bounds are this close: two processes agree within 50 µs. */
const PRECISE_MS = 0.02;

/** Some twenty ticks of the system clock. One tick is enough, unless the process had to wait at the tick. */
const MAX_READINGS = 200_000;

/** A smaller difference is rounding of milliseconds since the epoch, not a step of the clock. */
const ROUNDING_MS = 0.001;

/**
 * The clock of a process's spans.
 *
 * Node computes `performance.timeOrigin` from two readings with a gap between them: in one of 13 starts, two services on
 * one host disagreed by 0.4 ms. So the clock watches the system clock until a tick, for a millisecond at the start of the
 * process, and again after a step of the system clock. A step reaches new traces only.
 */
export class TraceClock {
  #anchor: ClockAnchor = Number.NaN;
  #nextCheckAt = 0;

  /** The anchor for a trace that starts now. */
  anchor(): ClockAnchor {
    const now = monotonicNow();
    if (now < this.#nextCheckAt) return this.#anchor;
    this.#nextCheckAt = now + CHECK_INTERVAL_MS;
    const { low, high } = readBounds();
    const isRight = this.#anchor >= low - ROUNDING_MS && this.#anchor <= high + ROUNDING_MS;
    if (!isRight) this.#anchor = measure(); // also the first time
    return this.#anchor;
  }
}

/** The only clock of the process, so that spans and log lines agree. */
export const traceClock: TraceClock = new TraceClock();

/** Reads both clocks until the system clock ticks. */
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
 * Bounds of the anchor by one reading. The bounds hold even when the process waits during the reading: the system clock has
 * reached the read millisecond by the end, and had not reached the next millisecond at the start.
 */
function readBounds(): { readonly low: number; readonly high: number } {
  const before = monotonicNow();
  const milliseconds = systemNow();
  return { low: milliseconds - monotonicNow(), high: milliseconds + 1 - before };
}

/**
 * The SDK's provider, with exact times. All times of spans come from one clock of the process, to the microsecond, because
 * a span of the SDK starts at a whole millisecond, perhaps before its parent. New traces are marked as random (W3C Trace
 * Context level 2), because the SDK makes the flags of each span anew.
 */
class ClockedTracerProvider extends NodeTracerProvider {
  override getTracer(...scope: Parameters<NodeTracerProvider['getTracer']>): SdkTracer {
    const tracer = super.getTracer(...scope);
    if (!Object.hasOwn(tracer, 'startSpan')) putOnClock(tracer);
    return tracer;
  }
}

/** The official packages; only the bytes of a request are ours, at some half of the official serializer's price. */
export const sdkEngine: Engine = {
  createProvider: (options) => new ClockedTracerProvider(options),
  encode,
};

/** The present time by the clock of a span's trace, for a log record in the span. */
export function timeWithin(span: Span | undefined): HrTime {
  return toHrTime((span as ClockedSpan | undefined)?.[ANCHOR] ?? traceClock.anchor(), undefined);
}

/**
 * Converts a caller's time for a trace with this anchor: a date, milliseconds since the epoch, a reading of
 * `performance.now()` (a number up to its present value), or seconds and nanoseconds. Anything else gives now.
 */
export function toHrTime(anchor: ClockAnchor, time: TimeInput | undefined): HrTime {
  const now = monotonicNow();
  if (typeof time === 'number') return millisToHrTime(time <= now ? anchor + time : time);
  if (types.isDate(time)) return millisToHrTime(time.getTime());
  return isTimeInputHrTime(time) ? time : millisToHrTime(anchor + now);
}

interface ClockedSpan extends SdkSpan {
  [ANCHOR]?: ClockAnchor;
}
type SdkTracer = ReturnType<NodeTracerProvider['getTracer']>;

function putOnClock(tracer: SdkTracer): void {
  const startSpan = tracer.startSpan.bind(tracer);
  // The SDK's `startActiveSpan` calls `startSpan`, too.
  tracer.startSpan = (name: string, options: SpanOptions = {}, parent: Context = context.active()): Span => {
    const parentSpan: ClockedSpan | undefined = trace.getSpan(parent);
    const anchor = parentSpan?.[ANCHOR] ?? traceClock.anchor();
    const { kind, attributes, links, root } = options;
    const startTime = toHrTime(anchor, options.startTime);
    // A literal is cheaper than a copy; the SDK takes undefined for what was not given.
    const given = { kind, attributes, links, root, startTime } as SpanOptions;
    const span: ClockedSpan = startSpan(name, given, parent);
    const spanContext = span.spanContext();
    const isRoot = spanContext.traceId !== parentSpan?.spanContext().traceId;
    // All suppressed spans share the API's own context.
    if (isRoot && spanContext !== INVALID_SPAN_CONTEXT) spanContext.traceState ??= RANDOM_TRACE_STATE;
    if (span.isRecording()) {
      span[ANCHOR] = anchor;
      if (timeOfSdk === undefined) replaceTimeOf(Object.getPrototypeOf(span));
    }
    return span;
  };
}

/** The SDK's own reading of a caller's time, once ours is in its place. */
let timeOfSdk: SdkSpan['_getTime'] | undefined;

/** Once, on the class: a member of each span would cost more. A provider of the host has spans of the same class. */
function replaceTimeOf(prototype: SdkSpan): void {
  const { _getTime: official } = prototype;
  if (official === undefined) return;
  timeOfSdk = official;
  prototype._getTime = function timeOf(this: ClockedSpan, time?: TimeInput): HrTime {
    const anchor = this[ANCHOR];
    return anchor === undefined ? official.call(this, time) : toHrTime(anchor, time);
  };
}
