import type { InstrumentationScope, Resource, SpanLimits, SpanProcessor } from '../opentelemetry/sdk.ts';
import type { TraceClock } from './clock.ts';

/** The common parts of the spans of one tracer. */
export interface SpanOrigin {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  readonly limits: Required<SpanLimits>;
  /** Called in this order for every span that starts and ends. */
  readonly processors: readonly SpanProcessor[];
  readonly clock: TraceClock;
}
