// OpenTelemetry for a Fastify service, with its official packages and one plugin.
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import fastifyPlugin from 'fastify-plugin';

/**
 * Starts tracing: spans go to http://localhost:4318 or OTEL_EXPORTER_OTLP_ENDPOINT, and each `fetch` has a CLIENT span.
 * Returns a plugin that makes a SERVER span of each request.
 */
export function startTracing(serviceName) {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  new UndiciInstrumentation();
  return fastifyPlugin(async (app) => {
    traceRequests(app);
    app.addHook('onClose', () => provider.shutdown());
  });
}

function traceRequests(app) {
  const tracer = trace.getTracer('by-hand');
  const spans = new WeakMap();
  app.addHook('onRequest', (request, _reply, next) => {
    const route = request.routeOptions.url;
    const name = route === undefined ? request.method : `${request.method} ${route}`;
    const [path, query] = request.url.split('?');
    const attributes = {
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
    const caller = propagation.extract(ROOT_CONTEXT, request.headers);
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, caller);
    spans.set(request, span);
    context.with(trace.setSpan(caller, span), next);
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
}
