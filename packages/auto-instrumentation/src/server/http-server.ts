import type { EventEmitter } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { Context } from '@opentelemetry/api';
import { context } from '@opentelemetry/api';
import { SERVER_SPAN } from '../context/traceparent.ts';
import { listenTo } from '../process/channels.ts';
import { enterContext } from '../spans/globals.ts';
import { tracer } from '../spans/tracer.ts';
import { setRouteLeft } from './express-4-routes.ts';
import { traceExpressRoutes } from './express-routes.ts';
import type { FastifyTracingOptions } from './options.ts';
import type { TracedMessage } from './server-span.ts';
import {
  endpointsOf,
  isApiRequest,
  isExport,
  isHealthRequest,
  TRACE,
  traceRequest,
  UNTRACED,
} from './server-span.ts';
import { traceResponseHeaders } from './trace-response.ts';

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
export function traceHttpServers(options: FastifyTracingOptions = {}): () => void {
  const { untraced = isHealthRequest, traceResponse = isApiRequest } = options;
  const ownTracer = tracer();
  const stopRoutes = traceExpressRoutes();
  const stopRequests = listenTo<RequestStart>({
    'http.server.request.start': ({ request, response, server }) => {
      if (request[TRACE] !== undefined || isOfFastify(server)) return;
      if (untraced(request) || isExport(request)) {
        request[TRACE] = null;
        enterContext(UNTRACED);
        return;
      }
      const startTime = performance.now();
      const started = traceRequest(request, endpointsOf(request), undefined, startTime, ownTracer, options);
      started.endWith(response, setRouteLeft);
      if (traceResponse(request))
        response.setHeaders(new Map(Object.entries(traceResponseHeaders(started.span, undefined))));
      const own = started.context.setValue(SERVER_SPAN, started.span);
      enterContext(own);
      emitWithin(own, request);
      emitWithin(own, response);
    },
  });
  return () => {
    stopRequests();
    stopRoutes();
  };
}

/** Listeners of Fastify's servers. Only these listeners tell that a server of a further address is Fastify's. */
const fastifyListeners = new WeakSet<object>();
const ofFastify = new WeakMap<object, boolean>();

/** Leaves the requests of a server to `fastifyTracing`. */
export function leaveToFastify(server: RequestStart['server']): void {
  for (const listener of server.listeners('request')) fastifyListeners.add(listener);
  ofFastify.set(server, true);
}

function isOfFastify(server: RequestStart['server']): boolean {
  const known = ofFastify.get(server);
  if (known !== undefined) return known;
  const found = server.listeners('request').some((listener) => fastifyListeners.has(listener));
  ofFastify.set(server, found);
  return found;
}

/** Makes listeners run in the context of a request. Node emits `data` and `end` in the context of the connection. */
function emitWithin(own: Context, emitter: EventEmitter): void {
  const { emit } = emitter;
  emitter.emit = function emitInContext(...args: Parameters<typeof emit>) {
    if (this.listenerCount(args[0]) === 0 || context.active() === own) return emit.apply(this, args);
    return context.with(own, () => emit.apply(this, args));
  };
}
