import type { HrTime, Span, TimeInput, Tracer } from '@opentelemetry/api';
import type { Sampler, SpanLimits } from '@opentelemetry/sdk-trace-base';

// Private members of the pinned official packages. A test names each, so that an update of a package fails there.

/** How a span of sdk-trace-base finds the times of its end and its events. */
type GetTime = (this: Span, time?: TimeInput) => HrTime;

/** Replaces how a span of the SDK finds its times. */
export function timesBy(span: Span & { _getTime?: GetTime }, getTime: GetTime): void {
  span._getTime = getTime;
}

/** The sampler and the limits that a tracer of the SDK has read from the environment. */
export function samplingOf(tracer: Tracer): {
  readonly sampler: Sampler;
  readonly limits: Required<SpanLimits>;
} {
  const sdk = tracer as Tracer & { readonly _sampler: Sampler; readonly _spanLimits: Required<SpanLimits> };
  return { sampler: sdk._sampler, limits: sdk._spanLimits };
}

/** The handlers of UndiciInstrumentation for the messages of undici's channels. */
export interface UndiciHandlers<Message> {
  onRequestCreated(message: Message): void;
  onRequestHeaders(message: Message): void;
  onDone(message: Message): void;
  onError(message: Message): void;
}
