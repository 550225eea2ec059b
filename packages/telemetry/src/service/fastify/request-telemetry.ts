import type { Context, Span, TextMapGetter, TextMapSetter, Tracer } from '@opentelemetry/api';
import { propagation } from '@opentelemetry/api';
import { tracer } from '../../common/tracer.ts';
import type { RequestTrace } from '../../road/http/server-span.ts';
import { UNTRACED } from '../../road/http/server-span.ts';

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

/** @param requestTrace undefined for an upgraded connection */
export function requestTelemetry(
  requestTrace: Pick<RequestTrace, 'span' | 'context' | 'isLeftOut'> | undefined,
): RequestTelemetry {
  const { span, context } =
    requestTrace?.isLeftOut === false ? requestTrace : { span: null, context: UNTRACED };
  return {
    enabled: span !== null,
    span,
    tracer: tracer(),
    context,
    inject: (carrier, setter) => propagation.inject(context, carrier, setter),
    extract: (carrier, getter) => propagation.extract(context, carrier, getter),
  };
}
