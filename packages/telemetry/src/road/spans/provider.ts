import type { Context, HrTime, Span, SpanOptions, TimeInput } from '@opentelemetry/api';
import { context, INVALID_SPAN_CONTEXT, trace } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { RANDOM_TRACE_STATE } from '../http/tracestate.ts';
import type { ClockAnchor } from './clock.ts';
import { ANCHOR, toHrTime, traceClock } from './clock.ts';
import type { Engine } from './engine.ts';
import type { SdkSpan } from './official-members.ts';
import { encode } from './serializer.ts';

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
