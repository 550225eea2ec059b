import type { EventEmitter } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { Context } from '@opentelemetry/api';
import { context, trace } from '@opentelemetry/api';
import { isOfFastify } from '../beside/fastify-servers.ts';
import { SERVER_SPAN } from '../beside/other-tracers.ts';
import { listenTo } from '../common/channels.ts';
import { enterContext } from '../common/enter-context.ts';
import { monotonicNow } from '../common/primordials.ts';
import { tracer } from '../common/tracer.ts';
import { traceOf } from '../road/http/kept-trace.ts';
import type { TracedMessage } from '../road/http/server-span.ts';
import { endpointsOf, isHealthRequest, leaveOut, traceRequest } from '../road/http/server-span.ts';
import { setExpress4Route, traceExpressRoutes } from './express.ts';
import { traceMadeRequests } from './made-requests.ts';

/** Node's message before Node calls a server's listeners with a request. */
interface RequestStart {
  readonly request: TracedMessage;
  readonly response: ServerResponse;
  readonly server: Pick<Server, 'listeners'>;
}

/**
 * Makes the SERVER span of each request to a server of `node:http` or `node:https`, from Node's diagnostics channels. The
 * span's context is active in all handlers of the request. `fastifyTracing` traces servers of Fastify.
 *
 * The method names a span. Only Express tells the route of a request.
 *
 * @returns how to stop
 */
export function traceHttpServers(): () => void {
  const ownTracer = tracer();
  const stopRoutes = traceExpressRoutes();
  const stopMade = traceMadeRequests();
  const stopRequests = listenTo<RequestStart>({
    'http.server.request.start': ({ request, response, server }) => {
      if (traceOf(request) !== undefined || isOfFastify(server)) return;
      if (isHealthRequest(request) || isExport(request)) {
        enterContext(leaveOut(request).context);
        return;
      }
      const started = traceRequest(request, endpointsOf(request), undefined, monotonicNow(), ownTracer);
      started.endWith(response, setExpress4Route);
      const own = started.context.setValue(SERVER_SPAN, started.span);
      enterContext(own);
      emitWithin(own, request);
      emitWithin(own, response);
    },
  });
  return () => {
    stopRequests();
    stopRoutes();
    stopMade();
  };
}

/** Whether a request brings spans or log lines. A span of an export would cause the next export to the same server. */
export function isExport({ headers }: TracedMessage): boolean {
  return headers['user-agent']?.startsWith('OTel-OTLP-Exporter') === true;
}

/**
 * Makes listeners of a request or a response run in its context. Node emits `data`, `end` and `close` in the context of the
 * connection. Both members are getters, which have returned when a listener runs: no frame of theirs is in its stack.
 * `push` is what Node calls with each piece of a body and at its end, in a callback of its own, so that what is entered there
 * ends with the callback. Where Node emits without a context, as when a client has left, `emit` has to lead back.
 */
export function emitWithin(own: Context, emitter: EventEmitter & { push?: unknown }): void {
  let { emit, push } = emitter;
  const emitInContext: typeof emit = function emitInContext(this: EventEmitter, ...args) {
    if (this.listenerCount(args[0]) === 0) return emit.apply(this, args);
    return context.with(own, () => emit.apply(this, args));
  };
  const span = trace.getSpan(own);
  Object.defineProperty(emitter, 'emit', {
    configurable: true,
    get: () => (trace.getSpan(context.active()) === span ? emit : emitInContext),
    set(replaced: typeof emit) {
      emit = replaced;
    },
  });
  if (push === undefined) return; // a response
  Object.defineProperty(emitter, 'push', {
    configurable: true,
    get() {
      if (context.active() !== own) enterContext(own);
      return push;
    },
    set(replaced) {
      push = replaced;
    },
  });
}
