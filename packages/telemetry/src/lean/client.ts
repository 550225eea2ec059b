import type { Attributes, Span } from '@opentelemetry/api';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { UndiciRequest } from '@opentelemetry/instrumentation-undici';
import { listenTo } from '../channels.ts';
import { isTracingSuppressed } from '../opentelemetry/sdk.ts';
import { recordFailure } from '../sdk/record-failure.ts';
import { tracer } from '../sdk/tracer.ts';
import type { UndiciMessage } from '../http/client-request.ts';
import {
  CLIENT_SPAN,
  clientSpanName,
  isCancellation,
  passUnsampled,
  requestAttributes,
  sendContext,
} from '../http/client-request.ts';

/**
 * Makes the spans of `instrumentHttpClient` from undici's diagnostics channels directly, without a map of headers and a
 * metric per request. For TRACE_LEAN_HTTP_CLIENT=true, and where instrumentation-undici is not installed.
 *
 * @returns how to stop
 */
export function leanClient(): () => void {
  return listenTo<UndiciMessage>({
    'undici:request:create': ({ request }) => {
      const active = context.active();
      if (request.method === 'CONNECT' || isTracingSuppressed(active)) return;
      if (request.upgrade) return sendContext(request, active);
      if (passUnsampled(request, active)) return;
      const attributes = attributesOf(request);
      if (attributes === undefined) return;
      const options = { kind: SpanKind.CLIENT, attributes };
      const span = tracer().startSpan(clientSpanName(request), options, active);
      sendContext(request, trace.setSpan(active, span));
      if (span.isRecording()) request[CLIENT_SPAN] = span;
    },
    'undici:client:sendHeaders': ({ request, socket }) => {
      const { remoteAddress, remotePort, alpnProtocol } = socket;
      request[CLIENT_SPAN]?.setAttributes({
        'network.peer.address': remoteAddress,
        'network.peer.port': remotePort,
        'network.protocol.version': alpnProtocol === 'h2' ? '2' : '1.1',
      });
    },
    'undici:request:headers': ({ request, response: { statusCode } }) => {
      const span = request[CLIENT_SPAN];
      span?.setAttribute('http.response.status_code', statusCode);
      if (statusCode < 400) return;
      span?.setAttribute('error.type', String(statusCode)).setStatus({ code: SpanStatusCode.ERROR });
    },
    'undici:request:trailers': ({ request }) => take(request)?.end(),
    'undici:request:error': ({ request, error }) => {
      const span = take(request);
      if (span !== undefined && !isCancellation(error)) recordFailure(span, error);
      span?.end();
    },
  });
}

/** Undefined for a URL that cannot be read: the request is not traced. */
function attributesOf(request: UndiciRequest): Attributes | undefined {
  try {
    return requestAttributes(request);
  } catch {
    return undefined;
  }
}

/** The span of a request that is over, once. */
function take(request: UndiciMessage['request']): Span | undefined {
  const span = request[CLIENT_SPAN];
  request[CLIENT_SPAN] = undefined; // `delete` would make V8 keep the request as a hash table
  return span;
}
