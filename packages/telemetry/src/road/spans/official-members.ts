import type { HrTime, Span, TimeInput, Tracer } from '@opentelemetry/api';
import type { Sampler, SpanLimits } from '@opentelemetry/sdk-trace-base';

// Private members of the pinned official packages. A test names each, so that an update of a package fails there.

/** A span of sdk-trace-base. */
export interface SdkSpan extends Span {
  /** Finds the times of the span's end and its events. */
  _getTime?(time?: TimeInput): HrTime;
}

/** The sampler and the limits that a tracer of the SDK has read from the environment. */
export function samplingOf(tracer: Tracer): {
  readonly sampler: Sampler;
  readonly limits: Required<SpanLimits>;
} {
  const sdk = tracer as Tracer & { readonly _sampler: Sampler; readonly _spanLimits: Required<SpanLimits> };
  return { sampler: sdk._sampler, limits: sdk._spanLimits };
}
