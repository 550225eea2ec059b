import type { Attributes, TracerProvider } from '@opentelemetry/api';
import { context } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { UndiciRequest } from '@opentelemetry/instrumentation-undici';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { KNOWN_METHODS } from './known-methods.ts';
import { passContextOn, removeInjectedHeaders } from './propagation-headers.ts';
import { redactQuery, redactUrl } from './redact-url.ts';
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

/** Attributes in place of the instrumentation's own; undefined takes one away. */
function requestAttributes(request: UndiciRequest): Attributes {
  const { method, origin, path } = request;
  const question = path.indexOf('?');
  const attributes: Attributes = {
    'url.full': redactUrl(path.startsWith('/') ? origin + path : path),
    'url.query': question === -1 ? undefined : redactQuery(path.slice(question + 1)),
    'http.request.method_original': KNOWN_METHODS.has(method) ? undefined : method,
  };
  const template = activeUrlTemplate();
  if (template !== undefined) attributes['url.template'] = template;
  // The instrumentation takes a path of `//name` for another host, and keeps the brackets of IPv6 addresses.
  if (path.startsWith('//') || origin.includes('[')) setServer(attributes, origin, path, question);
  return attributes;
}

function setServer(attributes: Attributes, origin: string, path: string, question: number): void {
  const { hostname, port, protocol } = new URL(origin);
  attributes['server.address'] = hostname.replace(/^\[|\]$/g, '');
  attributes['server.port'] = Number(port || (protocol === 'https:' ? 443 : 80));
  if (path.startsWith('/')) attributes['url.path'] = question === -1 ? path : path.slice(0, question);
}

function spanMethod({ method }: UndiciRequest): string {
  const upper = method.toUpperCase();
  return KNOWN_METHODS.has(upper) ? upper : 'HTTP';
}
