import type { SpanContext, SpanKind, TimeInput } from '@opentelemetry/api';
import type { InstrumentationScope, Resource, SpanLimits, SpanProcessor } from '../opentelemetry/sdk.ts';
import type { ClockAnchor, TraceClock } from './clock.ts';

/** What the spans of one tracer have in common. */
export interface SpanOrigin {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  readonly limits: Required<SpanLimits>;
  /** Called in this order for every span that starts and ends. */
  readonly processors: readonly SpanProcessor[];
  readonly clock: TraceClock;
}

/** What one span starts with. */
export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly spanContext: SpanContext;
  readonly parentSpanContext: SpanContext | undefined;
  /** The clock's anchor in this process's part of the trace. */
  readonly anchor: ClockAnchor;
  readonly startTime: TimeInput | undefined;
}
