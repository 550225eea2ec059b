// All that this package uses of OpenTelemetry's SDK, so that SDK 2.12 and SDK 3.1 are one list apart: both have these
// packages and these names (`sdk-trace` came with 2.12, `sdk-trace-base` went with 3). Which SDK it is, is decided by what
// is installed; `test/lanes` runs the conformance tests on both. The package's tarball holds what is used of 2.12.

export { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
export type { InstrumentationScope } from '@opentelemetry/core';
export {
  CompositePropagator,
  hrTimeDuration,
  isTimeInput,
  isTimeInputHrTime,
  isTracingSuppressed,
  millisToHrTime,
  SDK_INFO,
  suppressTracing,
  W3CBaggagePropagator,
} from '@opentelemetry/core';
export type { Resource } from '@opentelemetry/resources';
export { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
export type {
  ReadableSpan,
  Sampler,
  SamplingResult,
  Span,
  SpanLimits,
  SpanProcessor,
  TimedEvent,
} from '@opentelemetry/sdk-trace';
export {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ConsoleSpanExporter,
  InMemorySpanExporter,
  ParentBasedSampler,
  SamplingDecision,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
