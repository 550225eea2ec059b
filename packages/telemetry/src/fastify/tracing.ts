import type { IncomingMessage, ServerResponse } from 'node:http';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { FastifyTracingOptions, TracingSettings } from './options.ts';
import { tracingSettings } from './options.ts';
import { beforeRequestAbortHooks } from './request-abort.ts';
import { enterRequest } from './request-context.ts';
import { RequestTrace } from './request-trace.ts';
import type { Endpoints } from './server-span.ts';
import { incomingContext, startServerSpan } from './server-span.ts';
import { setTraceResponse } from './trace-response.ts';
import { unwrappedAddHook } from './unwrapped-add-hook.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `false`: requests of this route get no span, and nothing below makes one. */
    otel?: boolean;
  }
}

/**
 * Fastify plugin that makes the SERVER span of every request and keeps its context active in all hooks and plugins
 * registered after it, the handler, streams and error handlers. Register it first.
 *
 * Spans follow the stable semantic conventions for HTTP servers and end when the response is closed.
 */
export const fastifyTracing = fastifyPlugin(registerTracing, { fastify: '5.x', name: '@tandem/telemetry' });

/** Where a request's trace is kept; null when the request was left out. */
const TRACE = Symbol('tandem.trace');
type TracedMessage = IncomingMessage & { [TRACE]?: RequestTrace | null; upgrade?: boolean };

const UNTRACED = suppressTracing(ROOT_CONTEXT);

function registerTracing(app: FastifyInstance, options: FastifyTracingOptions, done: () => void): void {
  const settings = tracingSettings(options);
  const addHook = unwrappedAddHook(app);

  addHook('onRequest', function startRequestSpan(request, reply, next) {
    const raw: TracedMessage = request.raw;
    // An upgraded connection is no HTTP exchange any more; a second registration has nothing left to do.
    if (raw.upgrade === true || raw[TRACE] !== undefined) return next();
    const { url: route, config } = request.routeOptions;
    if (config.otel === false || settings.untraced(raw)) {
      raw[TRACE] = null;
      enterRequest(UNTRACED, raw, next);
      return;
    }
    enterRequest(traceRequest(settings, raw, reply.raw, request, route, arrival(reply)).context, raw, next);
  });

  addHook('onSend', function sendTraceResponse(request, reply, payload, next) {
    const requestTrace = traceOf(request);
    if (requestTrace) {
      if (settings.traceResponse(request.raw)) setTraceResponse(reply, requestTrace.span);
      if (isStream(payload)) requestTrace.body = payload;
    }
    reenter(request, next);
  });

  addHook('onError', function keepError(request, _reply, error, next) {
    traceOf(request)?.keepError(error);
    reenter(request, next);
  });

  addHook('onResponse', function enterResponseContext(request, _reply, next) {
    reenter(request, next);
  });
  beforeRequestAbortHooks(app, function enterAbortContext(request, next) {
    reenter(request, next);
  });

  // Fastify listens on the socket anew for every request once this hook is there, so only when it can happen.
  if ((app.initialConfig.connectionTimeout ?? 0) > 0) {
    addHook('onTimeout', function markTimedOut(request, _reply, next) {
      const requestTrace = traceOf(request);
      if (requestTrace) requestTrace.timedOut = true;
      reenter(request, next);
    });
  }

  // Called after Fastify's own listener: sees what the router answered itself, without any hook (malformed URLs, too
  // long parameters, 503 while closing).
  app.server.on('request', function traceRejectedRequest(raw: TracedMessage, response: ServerResponse) {
    if (raw[TRACE] !== undefined || raw.upgrade === true) return;
    if (response.writableEnded && !settings.untraced(raw)) {
      traceRequest(settings, raw, response, endpointsOf(raw), undefined, undefined);
    }
  });

  done();
}

function traceRequest(
  settings: TracingSettings,
  raw: TracedMessage,
  response: ServerResponse,
  endpoints: Endpoints,
  route: string | undefined,
  startTime: number | undefined,
): RequestTrace {
  const parent = incomingContext(raw);
  const span = startServerSpan(raw, endpoints, route, settings.knownMethods, parent, startTime);
  const requestTrace = new RequestTrace(span, trace.setSpan(parent, span), raw, response);
  raw[TRACE] = requestTrace;
  // One listener for every way in which a request can end: sent in full, cut off, hijacked, waiting in a pipeline. It is
  // called after `onResponse` hooks, so that their spans lie inside this one.
  if (span.isRecording()) response.on('close', () => requestTrace.end());
  return requestTrace;
}

/** Reading of `performance.now()` when the request arrived: hooks before this plugin may have taken a while. */
function arrival(reply: FastifyReply): number {
  return performance.now() - reply.elapsedTime;
}

function traceOf(request: FastifyRequest): RequestTrace | null | undefined {
  return (request.raw as TracedMessage)[TRACE];
}

/**
 * Calls `next` in the request's context, which is lost where a reply is sent from elsewhere (a queue, another request)
 * and where the connection closes. It is nearly always still there: looking costs 0.01 µs, entering 0.14.
 */
function reenter(request: FastifyRequest, next: () => void): void {
  const requestTrace = traceOf(request);
  const requestContext = requestTrace === null ? UNTRACED : requestTrace?.context;
  if (requestContext === undefined || requestContext === context.active()) next();
  else context.with(requestContext, next);
}

function endpointsOf(raw: IncomingMessage): Endpoints {
  return {
    protocol: 'encrypted' in raw.socket ? 'https' : 'http',
    host: raw.headers.host ?? '',
    ip: raw.socket.remoteAddress,
  };
}

function isStream(payload: unknown): payload is { pipe: unknown; errored?: Error | null } {
  return (
    typeof payload === 'object' && payload !== null && 'pipe' in payload && typeof payload.pipe === 'function'
  );
}
