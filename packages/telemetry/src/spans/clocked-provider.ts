import type { Attributes, Context, HrTime, Span, SpanOptions, TimeInput } from '@opentelemetry/api';
import { context, INVALID_SPAN_CONTEXT, trace } from '@opentelemetry/api';
import { isTimeInput } from '@opentelemetry/core';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { RANDOM_TRACE_STATE } from '../context/tracestate.ts';
import type { ClockAnchor, TraceClock } from './clock.ts';
import { toHrTime } from './clock.ts';
import type { ProcessTracerProvider, ProviderOptions } from './engine.ts';

/** Where a span keeps its anchor, which all spans that this process makes in one trace share. */
const ANCHOR: unique symbol = Symbol('tandem anchor');
type ClockedSpan = Span & { [ANCHOR]?: ClockAnchor };
type SdkTracer = ReturnType<NodeTracerProvider['getTracer']>;

/**
 * The SDK's provider. Its tracers take all times of spans from one clock of the process, to the microsecond: a span of the
 * SDK starts at a whole millisecond, before its parent perhaps. Its tracers also mark new traces as random
 * (W3C Trace Context level 2), because the SDK makes the flags of each span anew.
 */
export class ClockedTracerProvider extends NodeTracerProvider implements ProcessTracerProvider {
  readonly #clock: TraceClock;

  constructor({ clock, sampler, ...config }: ProviderOptions) {
    super({ ...config, ...(sampler && { sampler }) });
    this.#clock = clock;
  }

  override getTracer(...scope: Parameters<NodeTracerProvider['getTracer']>): SdkTracer {
    const tracer = super.getTracer(...scope);
    if (!Object.hasOwn(tracer, 'startSpan')) putOnClock(tracer, this.#clock);
    return tracer;
  }
}

/** The time of a span's trace, for a log line written in the span. */
export function timeWithin(span: Span | undefined, clock: TraceClock): HrTime {
  return toHrTime((span as ClockedSpan | undefined)?.[ANCHOR] ?? clock.anchor(), undefined);
}

function putOnClock(tracer: SdkTracer, clock: TraceClock): void {
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
    }
    return span;
  };
}

function endOnClock(this: ClockedSpan, time?: TimeInput): void {
  Object.getPrototypeOf(this).end.call(this, toHrTime(this[ANCHOR] ?? 0, time));
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
  return Object.getPrototypeOf(this).addEvent.call(this, name, attributes, toHrTime(this[ANCHOR] ?? 0, given));
}
