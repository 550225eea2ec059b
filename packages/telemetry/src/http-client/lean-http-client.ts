import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Attributes, Span } from '@opentelemetry/api';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { UndiciRequest } from '@opentelemetry/instrumentation-undici';
import { SCOPE_NAME, SCOPE_VERSION, tracer } from '../tracer.ts';
import type { HttpClientInstrumentation, HttpClientOptions } from './instrument-http-client.ts';
import { passContextOn, removeInjectedHeaders } from './propagation-headers.ts';
import { requestAttributes, spanMethod } from './request-attributes.ts';
import { RequestErrors } from './request-error.ts';
import { targetOf } from './request-url.ts';

const SPAN = Symbol('tandem.client-span');
type TracedRequest = UndiciRequest & { [SPAN]?: Span | undefined };

/**
 * What `instrumentHttpClient` does, with the same spans, on undici's diagnostics channels directly: without a URL
 * parsed, headers collected into a map and a metric recorded for nobody at each request.
 */
export function leanHttpClient(options: HttpClientOptions = {}): HttpClientInstrumentation {
  const ownTracer = options.tracerProvider?.getTracer(SCOPE_NAME, SCOPE_VERSION);
  const errors = new RequestErrors();
  errors.subscribe();
  const channels: [name: string, listener: (message: unknown) => void][] = [
    [
      'undici:request:create',
      (message) => {
        const { request } = message as { request: TracedRequest };
        const active = context.active();
        if (request.method === 'CONNECT' || isTracingSuppressed(active)) return;
        if (passContextOn(request, active)) return;
        const attributes = attributesOf(request);
        if (attributes === undefined) return;
        const template = attributes['url.template'];
        const method = spanMethod(request);
        const span = (ownTracer ?? tracer()).startSpan(
          template === undefined ? method : `${method} ${template}`,
          { kind: SpanKind.CLIENT, attributes },
          active,
        );
        sendContext(request, span);
        request[SPAN] = span;
        if (span.isRecording()) errors.add(request, span);
      },
    ],
    [
      'undici:client:sendHeaders',
      (message) => {
        const { request, socket } = message as {
          request: TracedRequest;
          socket: Socket & { alpnProtocol?: string | false | null };
        };
        const span = request[SPAN];
        if (span === undefined) return;
        const { remoteAddress, remotePort, alpnProtocol } = socket;
        if (remoteAddress !== undefined) span.setAttribute('network.peer.address', remoteAddress);
        if (remotePort !== undefined) span.setAttribute('network.peer.port', remotePort);
        span.setAttribute('network.protocol.version', alpnProtocol === 'h2' ? '2' : '1.1');
      },
    ],
    [
      'undici:request:headers',
      (message) => {
        const { request, response } = message as {
          request: TracedRequest;
          response: { statusCode: number };
        };
        const span = request[SPAN];
        if (span === undefined) return;
        const { statusCode } = response;
        span.setAttribute('http.response.status_code', statusCode);
        if (statusCode < 400) return;
        span.setAttribute('error.type', String(statusCode));
        span.setStatus({ code: SpanStatusCode.ERROR });
      },
    ],
    ['undici:request:trailers', (message) => take(message)?.end()],
    [
      'undici:request:error',
      (message) => {
        const span = take(message);
        if (span === undefined) return;
        const { error } = message as { error: Error & { code?: string } };
        if (error.name !== 'AbortError') recordError(span, error);
        span.end();
      },
    ],
  ];
  for (const [name, listener] of channels) subscribe(name, listener);
  return {
    disable() {
      for (const [name, listener] of channels) unsubscribe(name, listener);
      errors.unsubscribe();
    },
  };
}

/** Undefined for a URL that nobody can read: such a request is not traced. */
function attributesOf(request: UndiciRequest): Attributes | undefined {
  const target = targetOf(request);
  if (target === undefined) return undefined;
  const method = spanMethod(request);
  const attributes: Attributes = {
    'http.request.method': method === 'HTTP' ? '_OTHER' : method,
    'url.path': target.path,
    'url.scheme': target.scheme,
    'server.address': target.address,
    'server.port': target.port,
  };
  const userAgent = lastHeader(request.headers, 'user-agent');
  if (userAgent !== undefined) attributes['user_agent.original'] = userAgent;
  return Object.assign(attributes, requestAttributes(request));
}

function sendContext(request: UndiciRequest, span: Span): void {
  removeInjectedHeaders(request, span);
  const injected: Record<string, string> = {};
  propagation.inject(trace.setSpan(context.active(), span), injected);
  for (const name in injected) request.addHeader(name, injected[name] ?? '');
}

function lastHeader(headers: UndiciRequest['headers'], wanted: string): string | undefined {
  if (!Array.isArray(headers)) return undefined;
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    const name = headers[i];
    if (name?.length !== wanted.length || String(name).toLowerCase() !== wanted) continue;
    const value = headers[i + 1];
    return Array.isArray(value) ? value.at(-1) : value;
  }
  return undefined;
}

/** The span of a request that is over, once. */
function take(message: unknown): Span | undefined {
  const { request } = message as { request: TracedRequest };
  const span = request[SPAN];
  request[SPAN] = undefined;
  return span;
}

function recordError(span: Span, error: Error & { code?: string }): void {
  span.setAttribute('error.type', error.code || error.name || 'Error');
  span.recordException(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
}
