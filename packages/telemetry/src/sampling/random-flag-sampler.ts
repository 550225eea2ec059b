import type { Attributes, Context, Link, SpanKind } from '@opentelemetry/api';
import { trace } from '@opentelemetry/api';
import type { Sampler, SamplingResult } from '@opentelemetry/sdk-trace-base';
import { RANDOM_TRACE_STATE } from '../propagation/index.ts';

/**
 * Marks traces that start here as having a random trace id (W3C Trace Context level 2), and leaves the decision
 * to another sampler. `RandomIds` makes 16 random bytes, but the SDK's tracer never sets the flag; a sampler is the
 * only public place that sees a trace start and may hand something to all its spans.
 */
export class RandomFlagSampler implements Sampler {
  readonly #sampler: Sampler;

  constructor(sampler: Sampler) {
    this.#sampler = sampler;
  }

  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    const result = this.#sampler.shouldSample(context, traceId, spanName, spanKind, attributes, links);
    // A root gets a new trace id, so comparing ids tells roots apart, also under an invalid parent.
    const isRoot = trace.getSpanContext(context)?.traceId !== traceId;
    return isRoot && result.traceState === undefined ? { ...result, traceState: RANDOM_TRACE_STATE } : result;
  }

  toString(): string {
    return this.#sampler.toString();
  }
}
