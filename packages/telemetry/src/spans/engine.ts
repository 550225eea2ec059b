import type { IExportTraceServiceResponse, ISerializer } from '@opentelemetry/otlp-transformer';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, Sampler, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { FastifyInstance } from 'fastify';
import type { OpenSpans } from './open-spans.ts';

/** The parts for making the spans of a process. */
export interface ProviderOptions {
  readonly resource: Resource;
  /** Default: the sampler of OTEL_TRACES_SAMPLER. */
  readonly sampler?: Sampler | undefined;
  /** Called in this order at the start and the end of every span. */
  readonly spanProcessors: SpanProcessor[];
  /** Holds the spans that are open. */
  readonly openSpans?: OpenSpans;
}

/** An encoder of export requests. */
export interface Serializer<Item, Response> extends ISerializer<Item[], Response> {
  /** Replaces the items from `start` on by items that take less memory, which `serializeRequest` takes too. Never throws. */
  compact?(items: Item[], start: number): void;
}

export type SpanSerializer = Serializer<ReadableSpan, IExportTraceServiceResponse>;

/** Makes and encodes spans. TRACE_LEAN=true replaces the SDK's engine. */
export interface Engine {
  createProvider(options: ProviderOptions): NodeTracerProvider;
  /** Default: the official serializer. */
  readonly serializer?: SpanSerializer;
  /** Prepares a new server before `fastifyTracing` is set up on it. */
  readonly prepareServer?: (app: FastifyInstance) => void;
}
