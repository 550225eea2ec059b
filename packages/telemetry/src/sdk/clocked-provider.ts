import type { Context, HrTime, Span, SpanOptions, TimeInput } from '@opentelemetry/api';
import { context, INVALID_SPAN_CONTEXT, trace } from '@opentelemetry/api';
import { isTimeInputHrTime, millisToHrTime } from '@opentelemetry/core';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { RANDOM_TRACE_STATE } from '../http/tracestate.ts';
import type { ClockAnchor } from './clock.ts';
import { ANCHOR, traceClock } from './clock.ts';
import type { Engine } from './engine.ts';
import type { SdkSpan } from './official-members.ts';

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

/** The official packages. */
export const sdkEngine: Engine = {
  createProvider: (options) => new ClockedTracerProvider(options),
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
  const now = performance.now();
  if (typeof time === 'number') return millisToHrTime(time <= now ? anchor + time : time);
  if (time instanceof Date) return millisToHrTime(time.getTime());
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
    const startTime = toHrTime(anchor, options.startTime);
    const span: ClockedSpan = startSpan(name, { ...options, startTime }, parent);
    const spanContext = span.spanContext();
    const isRoot = spanContext.traceId !== parentSpan?.spanContext().traceId;
    // All suppressed spans share the API's own context.
    if (isRoot && spanContext !== INVALID_SPAN_CONTEXT) spanContext.traceState ??= RANDOM_TRACE_STATE;
    if (span.isRecording()) {
      span[ANCHOR] = anchor;
      span._getTime = timeOf;
    }
    return span;
  };
}

function timeOf(this: ClockedSpan, time?: TimeInput): HrTime {
  return toHrTime(this[ANCHOR] ?? 0, time);
}
