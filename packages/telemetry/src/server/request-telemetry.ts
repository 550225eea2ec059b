import type { Context, Span, TextMapGetter, TextMapSetter, Tracer } from '@opentelemetry/api';
import { propagation } from '@opentelemetry/api';
import type { FastifyRequest } from 'fastify';
import type { REQUEST_TELEMETRY } from '../report/log-mixin.ts';
import { tracer } from '../spans/tracer.ts';

/** The result of `request.opentelemetry()`, with the members of @fastify/otel. */
export interface RequestTelemetry {
  /** False for requests that `untraced` or the route's `otel: false` leave out. */
  readonly enabled: boolean;
  /** The request's SERVER span; null for an untraced request. */
  readonly span: Span | null;
  /** Makes further spans, as children of the active span. */
  readonly tracer: Tracer;
  /** The context with the SERVER span. For an untraced request, a context in which no span starts. */
  readonly context: Context;
  /** Writes the headers that continue this request's trace, for a protocol without instrumentation. */
  inject(carrier: object, setter?: TextMapSetter): void;
  /** This request's context with the headers of a carrier, for example of a message in its body. */
  extract(carrier: object, getter?: TextMapGetter): Context;
}

/** A request of a traced server. */
export type TracedRequest = FastifyRequest & { [REQUEST_TELEMETRY](): RequestTelemetry };

/** @param span undefined for an untraced request */
export function requestTelemetry(span: Span | undefined, requestContext: Context): RequestTelemetry {
  return {
    enabled: span !== undefined,
    span: span ?? null,
    tracer: tracer(),
    context: requestContext,
    inject: (carrier, setter) => propagation.inject(requestContext, carrier, setter),
    extract: (carrier, getter) => propagation.extract(requestContext, carrier, getter),
  };
}
