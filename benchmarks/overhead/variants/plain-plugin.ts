import type * as api from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * A Fastify plugin as one would write it in an afternoon: a SERVER span with the attributes of the semantic
 * conventions, from the first hook to the last.
 *
 * @param otel the API that the SDK in use was registered with
 */
export function plainPlugin(otel: typeof api) {
  const { context, propagation, trace, SpanKind, SpanStatusCode, ROOT_CONTEXT } = otel;
  const tracer = trace.getTracer('plain-plugin');
  const spans = new WeakMap<FastifyRequest, api.Span>();

  function plugin(app: FastifyInstance, _options: object, done: () => void): void {
    app.addHook('onRequest', (request, _reply, next) => {
      const route = request.routeOptions.url;
      const [path, query] = request.url.split('?');
      const attributes: api.Attributes = {
        'http.request.method': request.method,
        'http.route': route,
        'url.scheme': request.protocol,
        'url.path': path,
        'url.query': query,
        'server.address': request.hostname,
        'server.port': request.port ?? undefined,
        'client.address': request.ip,
        'network.peer.address': request.socket.remoteAddress,
        'network.peer.port': request.socket.remotePort,
        'network.protocol.version': request.raw.httpVersion,
        'user_agent.original': request.headers['user-agent'],
      };
      const parent = propagation.extract(ROOT_CONTEXT, request.headers);
      const span = tracer.startSpan(
        `${request.method} ${route}`,
        { kind: SpanKind.SERVER, attributes },
        parent,
      );
      spans.set(request, span);
      context.with(trace.setSpan(parent, span), next);
    });
    app.addHook('onError', (request, _reply, error, next) => {
      spans.get(request)?.recordException(error);
      next();
    });
    app.addHook('onResponse', (request, reply, next) => {
      const span = spans.get(request);
      span?.setAttribute('http.response.status_code', reply.statusCode);
      if (reply.statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
      span?.end();
      next();
    });
    done();
  }
  // As fastify-plugin does: the hooks are for all of the app.
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true });
}
