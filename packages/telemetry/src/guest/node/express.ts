import { listenTo } from '../../common/channels.ts';
import { load } from '../../process/load.ts';
import type { RequestTrace } from '../../road/http/server-span.ts';

type Express = typeof import('./express/index.ts');

/**
 * Names SERVER spans by the routes of Express 5, from the channel of `router` 2.3 or newer. Keeps errors of handlers for
 * spans with a 5xx.
 *
 * @returns how to stop
 */
export function traceExpressRoutes(): () => void {
  return listenTo<Parameters<Express['expressLayers']>[0]>({
    'tracing:express.router.request:start': (message) => load<Express>('express').expressLayers(message),
    'tracing:express.router.request:error': (message) => load<Express>('express').expressErrors(message),
  });
}

/** Names a span by the route that Express 4, which publishes nothing, has left on the request. */
export function setExpress4Route(requestTrace: RequestTrace): void {
  const { app, route } = requestTrace.raw as { readonly app?: unknown; readonly route?: unknown };
  if (requestTrace.route === undefined && app !== undefined && route !== undefined)
    load<Express>('express').setRouteLeft(requestTrace);
}
