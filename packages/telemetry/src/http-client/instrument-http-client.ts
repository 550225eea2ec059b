import type { TracerProvider } from '@opentelemetry/api';
import { context } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { passContextOn, removeInjectedHeaders } from './propagation-headers.ts';
import { requestAttributes, spanMethod } from './request-attributes.ts';
import { RequestErrors } from './request-error.ts';
import { activeUrlTemplate } from './url-template.ts';

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
 * with what it lacks. Requests made while tracing is suppressed (the telemetry exporters' own) are left alone.
 */
export function instrumentHttpClient(options: HttpClientOptions = {}): HttpClientInstrumentation {
  const errors = new RequestErrors();
  errors.subscribe();
  const instrumentation = new UndiciInstrumentation({
    // There would be no span anyway; this saves parsing the URL.
    ignoreRequestHook(request) {
      const active = context.active();
      return isTracingSuppressed(active) || passContextOn(request, active);
    },
    startSpanHook: requestAttributes,
    requestHook(span, request) {
      removeInjectedHeaders(request, span);
      if (!span.isRecording()) return;
      const template = activeUrlTemplate();
      if (template !== undefined) span.updateName(`${spanMethod(request)} ${template}`);
      errors.add(request, span);
    },
  });
  if (options.tracerProvider !== undefined) instrumentation.setTracerProvider(options.tracerProvider);
  return {
    disable() {
      instrumentation.disable();
      errors.unsubscribe();
    },
  };
}
