// The only imports of OpenTelemetry's SDK. SDK 2.12 and SDK 3.1 both have these packages and names (`sdk-trace` came with
// 2.12, `sdk-trace-base` is not in 3). `test/lanes` runs the conformance tests on both. The tarball holds code of 2.12.

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
