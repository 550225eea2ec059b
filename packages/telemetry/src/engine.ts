// What another engine of spans builds on: @tandem/telemetry/engine. It is no entry of the tarball.

export { RANDOM_TRACE_STATE } from './context/tracestate.ts';
export type { ClockAnchor } from './spans/clock.ts';
export { traceClock } from './spans/clock.ts';
export { toHrTime } from './spans/clocked-provider.ts';
export type { Engine, ProviderOptions, SpanSerializer } from './spans/engine.ts';
export { openSpans, remember } from './spans/open-spans.ts';
