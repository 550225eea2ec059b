import type { Socket } from 'node:net';
import type { Span } from '@opentelemetry/api';
import { context, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { listenTo } from '../process/channels.ts';
import { tracer } from '../spans/tracer.ts';
import type { UndiciRequest } from './client-request.ts';
import {
  hasClientSpan,
  recordRequestFailure,
  recordStatus,
  sendContext,
  startClientSpan,
} from './client-request.ts';

/** Key of the span on a request of undici. */
const CLIENT_SPAN: unique symbol = Symbol('tandem.client-span');

/** The read parts of undici's messages. */
interface UndiciMessage {
  /** With `upgrade`, the request becomes a WebSocket, and undici publishes no end. */
  readonly request: UndiciRequest & { readonly upgrade?: string | null; [CLIENT_SPAN]?: Span | undefined };
  readonly socket: Socket & { alpnProtocol?: string | false | null };
  readonly response: { readonly statusCode: number };
  readonly error: unknown;
}

/**
 * Makes a CLIENT span of every request of `fetch` and undici, and sends the span's context along. undici's diagnostics
 * channels tell of requests.
 *
 * @returns how to stop
 */
export function traceUndici(): () => void {
  const ownTracer = tracer();
  return listenTo<UndiciMessage>({
    'undici:request:create': ({ request }) => {
      const active = context.active();
      if (request.method === 'CONNECT' || isTracingSuppressed(active)) return;
      if (request.upgrade || hasClientSpan(active)) return sendContext(request, active);
      const span = startClientSpan(ownTracer, request, active);
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
      if (span !== undefined) recordStatus(span, statusCode);
    },
    'undici:request:trailers': ({ request }) => take(request)?.end(),
    'undici:request:error': ({ request, error }) => {
      const span = take(request);
      recordRequestFailure(span, error);
      span?.end();
    },
  });
}

/** Takes the span of a finished request, once. */
function take(request: UndiciMessage['request']): Span | undefined {
  const span = request[CLIENT_SPAN];
  request[CLIENT_SPAN] = undefined; // `delete` would make V8 keep the request as a hash table
  return span;
}
