import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Attributes, Span } from '@opentelemetry/api';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { UndiciRequest } from '@opentelemetry/instrumentation-undici';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
} from '@opentelemetry/semantic-conventions';
import { isTracingSuppressed } from '../opentelemetry/sdk.ts';
import { SCOPE_NAME, SCOPE_VERSION, tracer } from '../sdk/package-tracer.ts';
import { recordException } from '../sdk/record-exception.ts';
import { endAtUpgrade } from './end-at-upgrade.ts';
import { passContextOn, sendContext } from './outgoing-headers.ts';
import { setRequestAttributes, spanMethod } from './request-attributes.ts';
import { RequestErrors } from './request-errors.ts';
import { readRequestUrl } from './request-url.ts';
import type { HttpClientInstrumentation, HttpClientOptions } from './undici-client.ts';
import { ATTR_URL_TEMPLATE } from './url-template.ts';

const SPAN = Symbol('tandem.client-span');
type TracedRequest = UndiciRequest & { [SPAN]?: Span | undefined };

/**
 * The spans of `instrumentHttpClient`, made from undici's diagnostics channels directly: no URL is parsed, no headers are
 * collected into a map and no metric is recorded per request. TRACE_LEAN_HTTP_CLIENT=true chooses it.
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
        const template = attributes[ATTR_URL_TEMPLATE];
        const method = spanMethod(request);
        const span = (ownTracer ?? tracer()).startSpan(
          template === undefined ? method : `${method} ${template}`,
          { kind: SpanKind.CLIENT, attributes },
          active,
        );
        sendContext(request, trace.setSpan(active, span));
        request[SPAN] = span;
        if (!span.isRecording()) return;
        errors.add(request, span);
        endAtUpgrade(request, span);
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
        if (remoteAddress !== undefined) span.setAttribute(ATTR_NETWORK_PEER_ADDRESS, remoteAddress);
        if (remotePort !== undefined) span.setAttribute(ATTR_NETWORK_PEER_PORT, remotePort);
        span.setAttribute(ATTR_NETWORK_PROTOCOL_VERSION, alpnProtocol === 'h2' ? '2' : '1.1');
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
        span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, statusCode);
        if (statusCode < 400) return;
        span.setAttribute(ATTR_ERROR_TYPE, String(statusCode));
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

/** Undefined for a URL that cannot be read: such a request is not traced. */
function attributesOf(request: UndiciRequest): Attributes | undefined {
  const url = readRequestUrl(request);
  if (url === undefined) return undefined;
  const method = spanMethod(request);
  const attributes: Attributes = {};
  attributes[ATTR_HTTP_REQUEST_METHOD] = method === 'HTTP' ? '_OTHER' : method;
  attributes[ATTR_URL_PATH] = url.path;
  attributes[ATTR_URL_SCHEME] = url.scheme;
  attributes[ATTR_SERVER_ADDRESS] = url.address;
  attributes[ATTR_SERVER_PORT] = url.port;
  const userAgent = lastHeader(request.headers, 'user-agent');
  if (userAgent !== undefined) attributes[ATTR_USER_AGENT_ORIGINAL] = userAgent;
  setRequestAttributes(attributes, request);
  return attributes;
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
  span.setAttribute(ATTR_ERROR_TYPE, error.code || error.name || 'Error');
  recordException(span, error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
}
