import type { ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import type { Span } from '@opentelemetry/api';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { listenTo } from '../../common/channels.ts';
import { monotonicNow, queueMicrotask } from '../../common/primordials.ts';
import { tracer } from '../../common/tracer.ts';
import { Call, connectionOpens } from '../../road/http/call.ts';
import {
  contextInHeaders,
  recordBodySize,
  recordStatus,
  startClientSpan,
} from '../../road/http/client-request.ts';
import { recordRequestFailure, setOverdue } from '../../road/http/request-failure.ts';
import { endCall, watchBody } from '../../road/http/unread-bodies.ts';

/** Node's message about a stream of a client. */
interface StreamMessage {
  readonly stream: ClientHttp2Stream;
  readonly headers: OutgoingHttpHeaders & IncomingHttpHeaders;
}

/** A stream, and its body where nobody reads it. */
class Http2Call extends Call {
  readonly #stream: ClientHttp2Stream;

  constructor(span: Span, stream: ClientHttp2Stream) {
    super(span);
    this.#stream = stream;
  }

  unreadBytes(): number | undefined {
    return this.#stream.readableFlowing === null ? this.#stream.readableLength : undefined;
  }
}

/**
 * Makes a CLIENT span of every request of `node:http2`, from Node's diagnostics channels (Node 22.23, 24 and newer). The
 * span's context is not sent: a listener adds no header to a request that Node publishes. Requests of undici have a span of
 * their own.
 *
 * @returns how to stop
 */
export function traceHttp2Clients(): () => void {
  const ownTracer = tracer();
  const calls = new WeakMap<ClientHttp2Stream, Http2Call>();
  let isOfUndici = false;
  return listenTo<StreamMessage>({
    // undici opens its stream in the same turn.
    'undici:client:sendHeaders': () => {
      isOfUndici = true;
      queueMicrotask(() => {
        isOfUndici = false;
      });
    },
    'http2.client.stream.created': ({ stream, headers }) => {
      const active = context.active();
      const { ':method': method = 'GET', ':path': path = '/' } = headers;
      if (isOfUndici || method === 'CONNECT' || isTracingSuppressed(active) || isWithinCall()) return;
      const own = contextInHeaders(active, (name) => headers[name]?.toString());
      const request = { method, path, origin: originOf(stream, headers) };
      const span = startClientSpan(ownTracer, request, own ?? active);
      if (!span.isRecording()) return;
      const call = new Http2Call(span, stream);
      calls.set(stream, call);
      if (stream.session?.connecting) connectionOpens(stream.session);
      else if (stream.session !== undefined) call.sent(stream.session);
      let isOverdue = false;
      stream.on('timeout', () => {
        isOverdue = true;
      });
      stream.once('close', () => {
        if (!span.isRecording()) return;
        const { errored: error } = stream;
        if (isOverdue && error == null && !stream.readableEnded) setOverdue(span);
        else
          recordRequestFailure(span, {
            error,
            isOverdue,
            upload: stream.writableEnded ? undefined : 'unfinished',
          });
        endCall(call);
      });
    },
    'http2.client.stream.start': ({ stream }) => {
      if (stream.session !== undefined) calls.get(stream)?.sent(stream.session);
    },
    'http2.client.stream.finish': ({ stream, headers }) => {
      const call = calls.get(stream);
      if (call === undefined) return;
      const { remoteAddress, remotePort } = stream.session?.socket ?? {};
      call.span.setAttributes({
        'network.peer.address': remoteAddress,
        'network.peer.port': remotePort,
        'network.protocol.version': '2',
      });
      const status = Number(headers[':status']);
      recordStatus(call.span, status);
      recordBodySize(call.span, String(stream.sentHeaders?.[':method']), status, headers['content-length']);
      call.headersAt = monotonicNow();
      watchBody(call);
      // A stream that is reset ends for its reader, too.
      stream.prependOnceListener('end', () => {
        if (!stream.aborted && !stream.rstCode && stream.errored == null) endCall(call);
      });
    },
  });
}

/** Whether a library runs the request in a CLIENT span of its own, such as a call of gRPC. */
function isWithinCall(): boolean {
  const active: (Span & { readonly kind?: SpanKind }) | undefined = trace.getSpan(context.active());
  return active?.kind === SpanKind.CLIENT;
}

function originOf({ session }: ClientHttp2Stream, headers: OutgoingHttpHeaders): string {
  const scheme = headers[':scheme'] ?? (session?.encrypted ? 'https' : 'http');
  return `${scheme}://${headers[':authority'] ?? headers.host ?? ''}`;
}
