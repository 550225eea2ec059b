import type { ServerResponse } from 'node:http';
import type { Context } from '@opentelemetry/api';
import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { leaveToFastify } from '../../beside/fastify-servers.ts';
import { monotonicNow } from '../../common/primordials.ts';
import { tracer } from '../../common/tracer.ts';
import { withinTime } from '../../common/within-time.ts';
import { running } from '../../process/running.ts';
import { watchTimeouts } from '../../road/http/outcome.ts';
import type { RequestHead, TracedMessage } from '../../road/http/server-span.ts';
import {
  endpointsOf,
  isHealthRequest,
  leaveOut,
  traceOf,
  traceRequest,
  UNTRACED,
} from '../../road/http/server-span.ts';
import { writeTraceResponse } from '../../road/http/trace-response.ts';
import type { TracedRequest } from '../../road/logs/log-mixin.ts';
import { REQUEST_TRACE } from '../../road/logs/log-mixin.ts';
import { addBeforeLateHooks, unwrappedAddHook } from './add-hook.ts';
import type { RequestTelemetry } from './request-telemetry.ts';
import { requestTelemetry } from './request-telemetry.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `false`: requests of this route have no span, and no spans below. */
    otel?: boolean;
  }
  interface FastifyRequest {
    /** The request's span and context, and functions that continue its trace elsewhere. */
    opentelemetry(): RequestTelemetry;
  }
}

/**
 * Fastify plugin that makes the SERVER span of every request. The span's context is active in all later hooks and plugins,
 * the handler, streams and error handlers. `./register` traces every server; on such a server, the plugin adds options that
 * are not set yet, and `request.opentelemetry()`.
 *
 * Spans follow the stable semantic conventions for HTTP servers and end when the response is closed.
 *
 * @example
 * await app.register(fastifyTracing);
 * app.get('/', async (request) => request.opentelemetry().span?.setAttribute('thing.id', request.id));
 */
export const fastifyTracing = fastifyPlugin(registerByHand, { fastify: '>=5', name: '@tandem/telemetry' });

/** Options of `fastifyTracing`. When `./register` traces the server, the options count for the whole server. */
export interface FastifyTracingOptions {
  /**
   * Requests without a span, and without spans below. Default: `/health` and `/health/*`. A route can leave its requests
   * out, too: `config: { otel: false }`.
   */
  readonly untraced?: (request: RequestHead) => boolean;
  /**
   * `true` for a server that anybody can call. The caller's context becomes a link of a new trace, and the caller's baggage
   * is dropped. So strangers cannot decide about sampling, write attributes, or join traces of others. Default:
   * false, callers are trusted (W3C Trace Context, "Security considerations").
   */
  readonly publicEdge?: boolean;
  /**
   * Requests whose responses carry `traceresponse` and `Server-Timing`. Default: `/api/*`, and requests without a route. A
   * server that only `./register` traces has neither header.
   */
  readonly traceResponse?: (request: RequestHead) => boolean;
}

/** Key of the tracing options on a server. Servers of nested plugins inherit the options. */
const OPTIONS: unique symbol = Symbol.for('tandem.tracing');
type TracedServer = FastifyInstance & { [OPTIONS]?: ServerOptions };

/** The options of a server, and whether the app has registered the plugin: no other response has headers of telemetry. */
interface ServerOptions extends FastifyTracingOptions {
  readonly isByHand?: boolean;
}

/** Longest time, in milliseconds, that a closing server waits until its last spans are sent: a few answers of a backend. */
const FLUSH_TIMEOUT_MS = 500;

function registerByHand(app: FastifyInstance, options: FastifyTracingOptions, done: () => void): void {
  traceServer(app, { ...options, isByHand: true });
  if (!app.hasRequestDecorator('opentelemetry')) {
    app.decorateRequest('opentelemetry', function opentelemetry(this: FastifyRequest): RequestTelemetry {
      return requestTelemetry((this as FastifyRequest & TracedRequest)[REQUEST_TRACE]());
    });
  }
  done();
}

/**
 * Traces a server once, without any name that could be another plugin's. Later calls add options that are not set yet.
 *
 * @param isNew whether the server has no hooks and routes yet
 */
export function traceServer(app: FastifyInstance, options: ServerOptions, isNew = false): void {
  const server: TracedServer = app;
  const earlier = server[OPTIONS];
  if (earlier !== undefined) {
    Object.assign(earlier, { ...options, ...earlier });
    return;
  }
  const used = { ...options };
  server[OPTIONS] = used;
  const isUntraced = (request: RequestHead) => (used.untraced ?? isHealthRequest)(request);
  const addHook = unwrappedAddHook(app);
  // A wrong link has a trace too.
  const isNamed = ({ raw, is404 }: FastifyRequest) =>
    used.traceResponse?.(raw) ?? (is404 || raw.url?.startsWith('/api/') === true);
  const ownTracer = tracer();

  // The first onClose hook runs last, after hooks that may make spans. Many services call `process.exit()` next.
  app.addHook('onClose', async function sendLastSpans() {
    if (running.value) await withinTime(running.value.flush(), FLUSH_TIMEOUT_MS);
  });

  app.decorateRequest(REQUEST_TRACE, function requestTrace(this: FastifyRequest) {
    begin(this, monotonicNow());
    return traceOf(this.raw);
  });

  addHook('onRequest', function startRequestSpan(request, reply, next) {
    begin(request, monotonicNow() - reply.elapsedTime); // earlier hooks may have taken a while
    traceOf(request.raw)?.endWith(reply.raw);
    if ((request.raw as TracedMessage).upgrade === true) context.with(contextOfUpgrade(request), next);
    else enter(request, next);
  });

  addHook('onSend', function sendTraceResponse(request, reply, payload, next) {
    const requestTrace = traceOf(request.raw);
    if (requestTrace !== undefined) {
      requestTrace.endWith(reply.raw); // an earlier hook answers
      requestTrace.answerLeft();
      const write = (header: string, value: string) => void reply.header(header, value);
      if (used.isByHand && isNamed(request))
        writeTraceResponse(requestTrace.span, reply.getHeader('server-timing'), write);
      if (isStream(payload)) requestTrace.body = payload;
    }
    enter(request, next);
  });

  addHook('onError', function keepError(request, _reply, error, next) {
    traceOf(request.raw)?.keepError(error);
    enter(request, next);
  });

  const onResponse = (request: FastifyRequest, _reply: unknown, next: () => void) => enter(request, next);
  if (isNew) addBeforeLateHooks(app, { onResponse, onRequestAbort: enter });
  else addHook('onResponse', onResponse).addHook('onRequestAbort', enter);

  watchTimeouts(app.server);
  leaveToFastify(app.server);
  // Runs after Fastify's own listener. The router answers some requests without any hook (malformed URLs, too long
  // parameters, 503 while closing). A success without a hook is a route outside of this plugin.
  app.server.on('request', function endRequestSpan(raw: TracedMessage, response: ServerResponse) {
    const isRejected = response.writableEnded && response.statusCode >= 400 && raw.upgrade !== true;
    if (traceOf(raw) === undefined && isRejected && !isUntraced(raw))
      traceRequest(raw, endpointsOf(raw), undefined, monotonicNow(), ownTracer, used.publicEdge);
    traceOf(raw)?.endWith(response);
  });

  /** The context of an upgraded connection: what its hooks and handler do is part of the caller's trace. */
  function contextOfUpgrade({ raw, routeOptions: { config } }: FastifyRequest): Context {
    if (config.otel === false || isUntraced(raw)) return UNTRACED;
    return used.publicEdge ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, raw.headers);
  }

  /**
   * Starts the span of a request for the first hook, or earlier for Fastify's line "incoming request". An upgraded
   * connection has no span, because the connection is not an HTTP exchange.
   *
   * @param startTime reading of `performance.now()`
   */
  function begin(request: FastifyRequest, startTime: number): void {
    const raw: TracedMessage = request.raw;
    if (raw.upgrade === true || traceOf(raw) !== undefined) return;
    const { config, url } = request.routeOptions; // read once: a getter makes the object
    if (config.otel === false || isUntraced(raw)) leaveOut(raw);
    else traceRequest(raw, request, url, startTime, ownTracer, used.publicEdge);
  }
}

/**
 * Calls `next` in the request's context. The context is lost when a queue or another request sends the reply, and when the
 * connection closes.
 */
function enter(request: FastifyRequest, next: () => void): void {
  const requestTrace = traceOf(request.raw);
  if (requestTrace === undefined || requestTrace.isActive()) next();
  else context.with(requestTrace.context, next);
}

function isStream(payload: unknown): payload is { pipe: unknown; errored?: Error | null } {
  return (
    typeof payload === 'object' && payload !== null && 'pipe' in payload && typeof payload.pipe === 'function'
  );
}
