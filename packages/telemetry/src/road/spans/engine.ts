import type { TracerConfig } from '@opentelemetry/sdk-trace-base';
import type { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/** The parts for making the spans of a process. Default of the sampler: OTEL_TRACES_SAMPLER. */
export type ProviderOptions = Required<Pick<TracerConfig, 'resource' | 'spanProcessors'>> &
  Pick<TracerConfig, 'sampler'>;

/** A processor of the SDK, and the spans that it gets at their start and at their end. */
export type SpanProcessor = ProviderOptions['spanProcessors'][number];
export type Span = Parameters<SpanProcessor['onStart']>[0];
export type ReadableSpan = Parameters<SpanProcessor['onEnd']>[0];

/** Makes and encodes spans. TRACE_LEAN=true replaces the SDK's engine. */
export interface Engine {
  createProvider(options: ProviderOptions): NodeTracerProvider;
  /** An export request in protobuf; default: by the official serializer. @throws any error of reading a span */
  encode?(spans: ReadableSpan[]): Uint8Array;
  /** Replaces the spans from `start` on by items that take less memory, which `encode` takes too. Never throws. */
  compact?(spans: ReadableSpan[], start: number): void;
}
