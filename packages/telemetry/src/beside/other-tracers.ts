import type { Context, Span, SpanContext, SpanOptions } from '@opentelemetry/api';
import { context, createContextKey, SpanKind, trace } from '@opentelemetry/api';

/** A span, with what the spans of SDKs have beside the API's members. */
export interface SdkSpan extends Span {
  readonly kind?: SpanKind;
  readonly instrumentationScope?: { readonly name: string };
  readonly parentSpanContext?: SpanContext;
}

/** Key of a request's SERVER span in the context, also while another span is active. */
export const SERVER_SPAN = createContextKey('tandem server span');

/** The SERVER span that was made below `parent`: Sentry and others read the headers of a request again. */
export function spanMadeBelow(parent: SpanContext, active: Context): Span | undefined {
  const made = active.getValue(SERVER_SPAN) as SdkSpan | undefined;
  return made?.parentSpanContext?.spanId === parent.spanId ? made : undefined;
}

/** The active SERVER span, when the tracer with this name made the span. */
export function activeServerSpan(scopeName: string): SdkSpan | undefined {
  const active: SdkSpan | undefined = trace.getSpan(context.active());
  const isOfScope = active?.kind === SpanKind.SERVER && active.instrumentationScope?.name === scopeName;
  return isOfScope ? active : undefined;
}

/** The SERVER span of the host's instrumentation-http, which the instrumentation ends. */
export function hostServerSpan(): Span | undefined {
  const span = activeServerSpan('@opentelemetry/instrumentation-http');
  return span?.isRecording() ? span : undefined;
}

/** Whether Next.js, instrumentation-http or others run the request in a CLIENT span of their own. */
export function hasClientSpan(active: Context): boolean {
  return isClientSpan(Object(trace.getSpan(active)));
}

/** Whether a span, or the options of a span, are of a request of an HTTP client, in the present conventions or older ones. */
export function isClientSpan({ kind, attributes = {} }: SpanOptions): boolean {
  return kind === SpanKind.CLIENT && ('http.request.method' in attributes || 'http.method' in attributes);
}

/** A request of undici, to which agents add headers. */
export interface OpenRequest {
  /** `[name, value, name, value, …]`, whatever form the caller gave; a string in undici 5. */
  readonly headers: unknown;
  addHeader(name: string, value: string): void;
}

/**
 * Takes our `traceparent` and `tracestate` back when another agent adds a `traceparent`: New Relic and Elastic APM listen to
 * the same channel, add their headers after ours, and a receiver takes neither of two (W3C Trace Context, 4.3).
 */
export function leaveToLater(request: OpenRequest): void {
  request.addHeader = addLater;
}

/** One function for all requests, because a request of undici outlives its answer. */
function addLater(this: OpenRequest, name: string, value: string): void {
  if (name.toLowerCase() === 'traceparent') {
    Reflect.deleteProperty(this, 'addHeader');
    removeHeaders(this.headers, (each) => each === 'traceparent' || each === 'tracestate');
  }
  const { addHeader }: OpenRequest = Object.getPrototypeOf(this);
  addHeader.call(this, name, value);
}
/** Removes headers from undici's list `[name, value, name, value, …]`. Names are compared in lower case. */
export function removeHeaders(headers: unknown, isRemoved: (name: string, value: unknown) => boolean): void {
  if (!Array.isArray(headers)) return;
  for (let i = headers.length - 2; i >= 0; i -= 2)
    if (isRemoved(String(headers[i]).toLowerCase(), headers[i + 1])) headers.splice(i, 2);
}

/**
 * OpenTelemetry's API says that the app starts an SDK of its own, which cannot replace what this package has registered. With
 * a stack, once per part.
 */
export const OF_SECOND_SDK = /^Error: @opentelemetry\/api: Attempted duplicate registration of API/;
