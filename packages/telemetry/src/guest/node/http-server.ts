import type { Server, ServerResponse } from 'node:http';
import { isOfFastify } from '../../beside/fastify-servers.ts';
import { SERVER_SPAN } from '../../beside/other-tracers.ts';
import { listenTo } from '../../common/channels.ts';
import { enterContext } from '../../common/enter-context.ts';
import { monotonicNow } from '../../common/primordials.ts';
import { tracer } from '../../common/tracer.ts';
import type { TracedMessage } from '../../road/http/server-span.ts';
import {
  endpointsOf,
  isHealthRequest,
  leaveOut,
  traceOf,
  traceRequest,
} from '../../road/http/server-span.ts';
import { emitWithin } from './emit-within.ts';
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
