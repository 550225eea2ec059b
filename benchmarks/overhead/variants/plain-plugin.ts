import { createRequire } from 'node:module';
import type { Attributes, Span } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { usePlugin } from './use-plugin.ts';

const require = createRequire(import.meta.url);
const api: typeof import('@opentelemetry/api') = require('@opentelemetry/api');
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { context, propagation, trace, SpanKind, SpanStatusCode, ROOT_CONTEXT } = api;

// As in the documentation of the SDK: a batch processor and the OTLP exporter with their own settings.
new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': process.env.OTEL_SERVICE_NAME }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
}).register();
new UndiciInstrumentation();
usePlugin(plainPlugin());

/**
 * A Fastify plugin as one would write it in an afternoon: a SERVER span with the attributes of the semantic
 * conventions, from the first hook to the last.
 */
function plainPlugin() {
  const tracer = trace.getTracer('plain-plugin');
  const spans = new WeakMap<FastifyRequest, Span>();

  function plugin(app: FastifyInstance, _options: object, done: () => void): void {
    app.addHook('onRequest', (request, _reply, next) => {
      const route = request.routeOptions.url;
      const [path, query] = request.url.split('?');
      const attributes: Attributes = {
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
