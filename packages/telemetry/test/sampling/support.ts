import type { Attributes, SpanContext } from '@opentelemetry/api';
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { Sampler, SamplingResult } from '@opentelemetry/sdk-trace-base';
import { SamplingDecision } from '@opentelemetry/sdk-trace-base';
import { W3CTraceState } from '../../src/context/tracestate.ts';

/** The right-most 56 bits are 0x80…, half of all values. */
export const TRACE_ID = '0af7651916cd43dd8480000000000000';

/** A parent of the trace `TRACE_ID`. */
export function parent(options: { sampled: boolean; remote: boolean; tracestate?: string }): SpanContext {
  return {
    traceId: TRACE_ID,
    spanId: 'b7ad6b7169203331',
    traceFlags: options.sampled ? 1 : 0,
    isRemote: options.remote,
    ...(options.tracestate === undefined ? {} : { traceState: new W3CTraceState(options.tracestate) }),
  };
}

export interface Outcome {
  sampled: boolean;
  rate: unknown;
  /** The tracestate that the span will carry. */
  tracestate: string;
}

/** Asks a sampler as the SDK's tracer does, and returns the parts of the span. */
export function ask(
  sampler: Sampler,
  options: { parent?: SpanContext; traceId?: string; name?: string; attributes?: Attributes } = {},
): Outcome {
  const context = options.parent ? trace.setSpanContext(ROOT_CONTEXT, options.parent) : ROOT_CONTEXT;
  const result: SamplingResult = sampler.shouldSample(
    context,
    options.traceId ?? TRACE_ID,
    options.name ?? 'span',
    SpanKind.SERVER,
    options.attributes ?? {},
    [],
  );
  return {
    sampled: result.decision === SamplingDecision.RECORD_AND_SAMPLED,
    rate: result.attributes?.SampleRate,
    tracestate: (result.traceState ?? options.parent?.traceState)?.serialize() ?? '',
  };
}
