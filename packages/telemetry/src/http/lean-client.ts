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
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
} from '@opentelemetry/semantic-conventions';
import { isTracingSuppressed } from '../opentelemetry/sdk.ts';
import { errorType, recordException } from '../sdk/record-failure.ts';
import { SCOPE_NAME, SCOPE_VERSION, tracer } from '../sdk/tracer.ts';
import type { TracedRequest } from './client-request.ts';
import {
  CLIENT_SPAN,
  clientSpanName,
  isCancellation,
  knownMethod,
  pathAttributes,
  RequestEnds,
  requestAttributes,
  sendContext,
  serverAttributes,
} from './client-request.ts';
import type { HttpClientInstrumentation, HttpClientOptions } from './undici-client.ts';

/** What undici publishes, as far as it is read. */
interface Message {
  readonly request: TracedRequest<UndiciRequest>;
  readonly socket: Socket & { alpnProtocol?: string | false | null };
  readonly response: { readonly statusCode: number };
  readonly error: unknown;
}

/**
 * The spans of `instrumentHttpClient`, made from undici's diagnostics channels directly: no headers are collected into a
 * map and no metric is recorded per request. TRACE_LEAN_HTTP_CLIENT=true chooses it; without instrumentation-undici it is
 * the only one.
 */
export function leanHttpClient({ tracerProvider }: HttpClientOptions = {}): HttpClientInstrumentation {
  const ownTracer = tracerProvider?.getTracer(SCOPE_NAME, SCOPE_VERSION);
  const ends = new RequestEnds();
  ends.subscribe();
  const stop = hear({
    'undici:request:create': ({ request }) => {
      const active = context.active();
      if (request.method === 'CONNECT' || isTracingSuppressed(active)) return;
      const attributes = attributesOf(request);
      if (attributes === undefined) return;
      const options = { kind: SpanKind.CLIENT, attributes };
      const span = (ownTracer ?? tracer()).startSpan(clientSpanName(request), options, active);
      sendContext(request, trace.setSpan(active, span));
      if (!span.isRecording()) return;
      request[CLIENT_SPAN] = span;
    },
    'undici:client:sendHeaders': ({ request, socket }) => {
      const { remoteAddress, remotePort, alpnProtocol } = socket;
      request[CLIENT_SPAN]?.setAttributes({
        [ATTR_NETWORK_PEER_ADDRESS]: remoteAddress,
        [ATTR_NETWORK_PEER_PORT]: remotePort,
        [ATTR_NETWORK_PROTOCOL_VERSION]: alpnProtocol === 'h2' ? '2' : '1.1',
      });
    },
    'undici:request:headers': ({ request, response: { statusCode } }) => {
      const span = request[CLIENT_SPAN];
      span?.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, statusCode);
      if (statusCode < 400) return;
      span?.setAttribute(ATTR_ERROR_TYPE, String(statusCode)).setStatus({ code: SpanStatusCode.ERROR });
    },
    'undici:request:trailers': ({ request }) => take(request)?.end(),
    'undici:request:error': ({ request, error }) => {
      const span = take(request);
      if (span !== undefined && !isCancellation(error)) recordError(span, error as Error);
      span?.end();
    },
  });
  return {
    disable() {
      stop();
      ends.unsubscribe();
    },
  };
}

/** Sends the active context along with every request of `fetch` and of undici, and makes no spans. */
export function passContextWithRequests(): HttpClientInstrumentation {
  const stop = hear({
    'undici:request:create': ({ request }) => {
      const active = context.active();
      if (request.method !== 'CONNECT' && !isTracingSuppressed(active)) sendContext(request, active);
    },
  });
  return { disable: stop };
}

/** Listens on channels; returns how to stop it. */
function hear(listeners: Readonly<Record<string, (message: Message) => void>>): () => void {
  const all = Object.entries(listeners) as [string, (message: unknown) => void][];
  for (const [name, listener] of all) subscribe(name, listener);
  return () => {
    for (const [name, listener] of all) unsubscribe(name, listener);
  };
}

/** Undefined for a URL that cannot be read: such a request is not traced. */
function attributesOf(request: UndiciRequest): Attributes | undefined {
  const { origin, path } = request;
  const isPath = path.startsWith('/');
  const url = URL.parse(isPath ? origin : path, origin);
  if (url === null) return undefined;
  const known = knownMethod(request);
  const attributes: Attributes = {
    [ATTR_HTTP_REQUEST_METHOD]: known ?? '_OTHER',
    [ATTR_URL_PATH]: url.pathname,
    [ATTR_URL_SCHEME]: url.protocol.slice(0, -1),
    ...serverAttributes(url.href),
    ...pathAttributes(path),
    ...requestAttributes(request),
  };
  const userAgent = lastHeader(request.headers, 'user-agent');
  if (userAgent !== undefined) attributes[ATTR_USER_AGENT_ORIGINAL] = userAgent;
  return attributes;
}

function lastHeader(headers: UndiciRequest['headers'], wanted: string): string | undefined {
  if (!Array.isArray(headers)) return undefined;
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    if (String(headers[i]).toLowerCase() !== wanted) continue;
    const value = headers[i + 1];
    return Array.isArray(value) ? value.at(-1) : value;
  }
  return undefined;
}

/** The span of a request that is over, once. */
function take(request: TracedRequest): Span | undefined {
  const span = request[CLIENT_SPAN];
  delete request[CLIENT_SPAN];
  return span;
}

/** The `code` of a DOMException is a number (`TimeoutError` has 23), which is no `error.type`: its name is. */
function recordError(span: Span, error: Error): void {
  const { name, message, stack } = error;
  const hasNumber = 'code' in error && typeof error.code === 'number';
  recordException(span, hasNumber ? Object.assign(new Error(message), { name, stack }) : error);
  span.setAttribute(ATTR_ERROR_TYPE, errorType(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
