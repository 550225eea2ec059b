import type { Span, Tracer, TracerProvider } from '@opentelemetry/api';
import { context, trace } from '@opentelemetry/api';
import type * as Instrumentation from '@opentelemetry/instrumentation-undici';
import type { UndiciRequest } from '@opentelemetry/instrumentation-undici';
import { loadOptional } from '../opentelemetry/optional-package.ts';
import { isTracingSuppressed } from '../opentelemetry/sdk.ts';
import { endAtUpgrade } from './end-at-upgrade.ts';
import { leanHttpClient } from './lean-client.ts';
import { passContextOn, removeInjectedHeaders } from './outgoing-headers.ts';
import { setRequestAttributes } from './request-attributes.ts';
import { RequestErrors } from './request-errors.ts';
import { ATTR_URL_TEMPLATE } from './url-template.ts';

export interface HttpClientOptions {
  /** Default: the global one. */
  readonly tracerProvider?: TracerProvider;
}

/** Running instrumentation of HTTP clients. */
export interface HttpClientInstrumentation {
  /** Makes no more spans. */
  disable(): void;
}

/**
 * Makes a CLIENT span of every request of `fetch` and of undici, and sends its context along: instrumentation-undici,
 * with what it lacks. Requests made while tracing is suppressed (the telemetry exporters' own) are left alone. Where that
 * package is not installed, {@link leanHttpClient} makes the same spans.
 */
export function instrumentHttpClient(options: HttpClientOptions = {}): HttpClientInstrumentation {
  const loaded = loadOptional<typeof Instrumentation>('@opentelemetry/instrumentation-undici');
  if (loaded === undefined) return leanHttpClient(options);
  const errors = new RequestErrors();
  errors.subscribe();
  /** The request whose span the instrumentation starts next, in the same turn. */
  let starting: UndiciRequest | undefined;
  const instrumentation = new loaded.UndiciInstrumentation({
    // There would be no span anyway; this saves parsing the URL.
    ignoreRequestHook(request) {
      starting = request;
      const active = context.active();
      return isTracingSuppressed(active) || passContextOn(request, active);
    },
    requestHook(span, request) {
      removeInjectedHeaders(request, span);
      if (!span.isRecording()) return;
      errors.add(request, span);
      endAtUpgrade(request, span);
    },
  });
  const provider = options.tracerProvider ?? trace.getTracerProvider();
  instrumentation.setTracerProvider({
    getTracer: (...scope) => correctingTracer(provider.getTracer(...scope), () => starting),
  });
  return {
    disable() {
      instrumentation.disable();
      errors.unsubscribe();
    },
  };
}

/**
 * The tracer of the instrumentation, which puts the attributes right that it starts a span with, in their own object: its
 * `startSpanHook` takes a second object, and an array for each entry of it, per request.
 */
function correctingTracer(tracer: Tracer, starting: () => UndiciRequest | undefined): Tracer {
  return {
    startSpan(name, options = {}, parentContext): Span {
      const request = starting();
      const { attributes } = options;
      if (request === undefined || attributes === undefined)
        return tracer.startSpan(name, options, parentContext);
      setRequestAttributes(attributes, request);
      const template = attributes[ATTR_URL_TEMPLATE];
      return tracer.startSpan(template === undefined ? name : `${name} ${template}`, options, parentContext);
    },
    startActiveSpan: tracer.startActiveSpan.bind(tracer),
  };
}
