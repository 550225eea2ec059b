export { TraceContextPropagator } from './trace-context.ts';
export { RANDOM_TRACE_STATE, W3CTraceState } from './trace-state.ts';
export { formatTraceparent, isRandomTraceId, knownFlags } from './traceparent.ts';
