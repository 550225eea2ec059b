import { channel } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
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
  MADE,
  traceOf,
  traceRequest,
} from '../../road/http/server-span.ts';
import { setExpress4Route } from './express.ts';

/** The explorer's `run` hears here of a request that was answered, and that nothing has shown before. */
const UNSEEN = channel('@tandem/telemetry:unseen-request');

/** Node's message when a response is made: by a server, or by the app itself. */
interface ResponseCreated {
  readonly request: { readonly socket?: unknown };
  readonly response: ServerResponse;
}

/**
 * Makes the SERVER spans of requests that an app makes itself and hands to its framework, as adapters for functions do
 * (serverless-http, @vendia/serverless-express). Such an adapter makes the response of a method alone. The request is known
 * once Express has set it as the response's `req`, before any handler; of other frameworks it never is.
 *
 * @returns how to stop
 */
export function traceMadeRequests(): () => void {
  return listenTo<ResponseCreated>({
    'http.server.response.created': ({ request, response }) => {
      if (request.socket instanceof Socket) return; // a server's
      const define = (descriptor: PropertyDescriptor) =>
        Object.defineProperty(response, 'req', { configurable: true, enumerable: true, ...descriptor });
      MADE.add(response);
      define({
        get: () => request,
        set(given: TracedMessage) {
          define({ value: given, writable: true });
          if (traceMadeRequest(given, response)) MADE.delete(response);
        },
      });
      response.once('finish', () => {
        if (MADE.has(response)) UNSEEN.publish({});
      });
    },
  });
}

/** The span ends with the response, which an adapter may never close. @returns whether the request was seen */
function traceMadeRequest(request: TracedMessage, response: ServerResponse): boolean {
  if (request.headers === undefined) return false;
  if (traceOf(request) !== undefined) return true;
  if (isHealthRequest(request)) {
    enterContext(leaveOut(request).context);
    return true;
  }
  const started = traceRequest(request, endpointsOf(request), undefined, monotonicNow(), tracer());
  started.endWith(response, setExpress4Route, ['finish', 'close']);
  enterContext(started.context.setValue(SERVER_SPAN, started.span));
  return true;
}
