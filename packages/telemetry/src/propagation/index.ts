export { BaggagePropagator } from './baggage.ts';
export { baggageAttributes } from './baggage-attributes.ts';
export type { DroppedBaggage } from './baggage-header.ts';
export type { Propagator } from './create-propagator.ts';
export { createPropagator, PROPAGATOR_NAMES } from './create-propagator.ts';
export { REQUEST_ROOT } from './request-context.ts';
export { TraceContextPropagator } from './trace-context.ts';
export { RANDOM_TRACE_STATE, W3CTraceState } from './trace-state.ts';
export { formatTraceparent, isRandomTraceId, knownFlags } from './traceparent.ts';
