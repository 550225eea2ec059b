import type { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Server } from 'node:net';
import { isOfFastify } from '../../beside/fastify-servers.ts';
import { SERVER_SPAN } from '../../beside/other-tracers.ts';
import { listenTo } from '../../common/channels.ts';
import { enterContext } from '../../common/enter-context.ts';
import { monotonicNow } from '../../common/primordials.ts';
import { tracer } from '../../common/tracer.ts';
import type { TracedMessage } from '../../road/http/server-span.ts';
import { endpointsOf, isHealthRequest, traceRequest, UNTRACED } from '../../road/http/server-span.ts';
import { emitWithin } from './emit-within.ts';
import { isExport } from './http-server.ts';

/** Node's message before a session emits a new stream. */
interface StreamStart {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Makes the SERVER span of each stream of a server of `node:http2`, from Node's diagnostics channels (Node 22.23, 24 and
 * newer). The span's context is active in all handlers, also in those of the compatibility API. `fastifyTracing` traces
 * servers of Fastify.
 *
 * @returns how to stop
 */
export function traceHttp2Servers(): () => void {
  const ownTracer = tracer();
  return listenTo<StreamStart>({
    'http2.server.stream.created': ({ stream, headers }) => {
      const { session } = stream;
      if (session === undefined || isOfFastify(serverOf(session as ServerHttp2Session))) return;
      const request = requestOf(stream, headers);
      if (isHealthRequest(request) || isExport(request)) {
        enterContext(UNTRACED);
        return;
      }
      const started = traceRequest(request, endpointsOf(request), undefined, monotonicNow(), ownTracer);
      started.endWith(responseOf(stream));
      const own = started.context.setValue(SERVER_SPAN, started.span);
      enterContext(own);
      emitWithin(own, stream);
    },
  });
}

/** The server of a session, which Node keeps under a symbol. */
function serverOf(session: ServerHttp2Session): Pick<EventEmitter, 'listeners'> {
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'server');
  const server: Server | undefined = key && Reflect.get(session, key);
  return server ?? session;
}

/** A stream as a request of `node:http`, with what spans read. The socket is a copy, because a closed session has none. */
function requestOf(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): TracedMessage {
  const { remoteAddress, remotePort } = stream.session?.socket ?? {};
  const socket = {
    remoteAddress,
    remotePort,
    ...(stream.session?.encrypted && { encrypted: true }),
    get errored() {
      return stream.errored;
    },
  };
  const { ':method': method, ':path': url } = headers;
  return { method, url, headers, httpVersionMajor: 2, socket, stream } as unknown as TracedMessage;
}

/** A stream as a response of `node:http`, with what the outcome of a request reads. */
function responseOf(stream: ServerHttp2Stream): ServerResponse {
  return {
    on: stream.on.bind(stream),
    stream,
    get headersSent() {
      return stream.headersSent;
    },
    get statusCode() {
      return Number(stream.sentHeaders?.[':status'] ?? 0);
    },
  } as unknown as ServerResponse;
}
