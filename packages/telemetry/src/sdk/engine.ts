import type { IExportTraceServiceResponse } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, TracerConfig } from '@opentelemetry/sdk-trace-base';
import type { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Serializer } from '../delivery/signal.ts';

/** What other rooms see of the SDK's spans. */
export type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';

/** The parts for making the spans of a process. Default of the sampler: OTEL_TRACES_SAMPLER. */
export type ProviderOptions = Required<Pick<TracerConfig, 'resource' | 'spanProcessors'>> &
  Pick<TracerConfig, 'sampler'>;

export type SpanSerializer = Serializer<ReadableSpan, IExportTraceServiceResponse>;

/** Makes and encodes spans. TRACE_LEAN=true replaces the SDK's engine. */
export interface Engine {
  createProvider(options: ProviderOptions): NodeTracerProvider;
  /** Default: the official serializer. */
  readonly serializer?: SpanSerializer;
}
