import type { Attributes, Context, Link, SpanKind } from '@opentelemetry/api';
import { TraceFlags, trace } from '@opentelemetry/api';
import type { Sampler, SamplingResult } from '../opentelemetry/sdk.ts';
import { DROPPED, SAMPLED } from '../sampling/decisions.ts';

/**
 * The specification's ParentBased with its default delegates: spans keep their parent's decision, and `root` decides
 * for those without one. The SDK's own asks two more objects, and checks the parent's ids once more, for every span.
 */
export class ParentSampler implements Sampler {
  readonly #root: Sampler;

  constructor(root: Sampler) {
    this.#root = root;
  }

  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    const parent = trace.getSpanContext(context);
    // The tracer goes on with a parent's trace id when the parent is valid, and only then.
    if (parent?.traceId !== traceId) {
      return this.#root.shouldSample(context, traceId, spanName, spanKind, attributes, links);
    }
    return (parent.traceFlags & TraceFlags.SAMPLED) === 0 ? DROPPED : SAMPLED;
  }

  toString(): string {
    return `ParentBased{root=${this.#root.toString()}}`;
  }
}
