import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Attributes, Context, Link, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import {
  context,
  INVALID_SPAN_CONTEXT,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { hostServerSpan } from '../../beside/other-tracers.ts';
import { monotonicNow } from '../../common/primordials.ts';
import { processWide } from '../../common/process-wide.ts';
import { quietly } from '../../common/quietly.ts';
import { tracer as ownTracer } from '../../common/tracer.ts';
import { processContext } from '../../process/context.ts';
import { redactQuery } from '../../process/secrets/redaction.ts';
import { answerEnded, answered, requestStarts } from './call.ts';
import { KNOWN_METHODS, parseHost, splitTarget } from './http-url.ts';
import { recordOutcome } from './outcome.ts';
import { onResponseClosed } from './response-closed.ts';

export type TracedMessage = IncomingMessage & { upgrade?: boolean };

/** The request line and headers as received. */
export type RequestHead = Readonly<Pick<IncomingMessage, 'headers' | 'method' | 'url'>>;

/** The context of requests that are left out. In this context, no span starts, and requests carry no context. */
export const UNTRACED: Context = suppressTracing(ROOT_CONTEXT);

/** The tracing of one request, which the request keeps: its span, its context, and its error. */
export class RequestTrace {
  readonly span: Span;
  /** Active in everything that handles this request. */
  readonly context: Context;
  readonly raw: IncomingMessage;
  /** Connection, and stream of HTTP/2, as they were at the start: an app can change its request. */
  readonly socket: Socket;
  readonly stream: ServerHttp2Stream | undefined;
  error: unknown;
  /** `performance.now()` when `error` was thrown; undefined without an error. */
  errorTime: number | undefined;
  /** The stream that is sent as the body. */
  body: { readonly errored?: Error | null } | undefined;
  /** A route found after the span's start. */
  route: string | undefined;
  /** Whether the host's SDK makes and ends the span. */
  isOfHost = false;
  /** Whether the request has no span: its span here takes everything and keeps nothing. */
  readonly isLeftOut: boolean;
  #hasResponse = false;
  /** `performance.now()` when the client left before the answer began. */
  #leftAt: number | undefined;
  readonly #method: string;

  /** @param method as in the names of spans */
  constructor(span: Span, context: Context, raw: IncomingMessage, method: string) {
    this.#method = method;
    this.span = span;
    this.context = context;
    this.raw = raw;
    keepTrace(raw, this);
    this.isLeftOut = span === NO_SPAN;
    this.socket = raw.socket;
    this.stream = raw.httpVersionMajor === 2 ? (raw as unknown as Http2ServerRequest).stream : undefined;
  }

  /** Whether the active context is this request's, or was made from it: by a hook, with baggage for example. */
  isActive(): boolean {
    const active = context.active();
    return this.isLeftOut ? active === UNTRACED : trace.getSpan(active) === this.span;
  }

  /** Names the span by a route found after the span's start. The last route counts. */
  setRoute(route: string): void {
    if (route === this.route) return;
    this.route = route;
    this.span.updateName(`${this.#method} ${route}`).setAttribute('http.route', route);
  }

  /** Keeps an error of a hook or handler until the status is known: only a 5xx has an exception event. */
  keepError(error: unknown): void {
    this.error = error;
    this.errorTime = monotonicNow();
  }

  /**
   * Ends the span when the response is closed: sent in full, cut off, hijacked, or waiting in a pipeline. `onResponse`
   * hooks run earlier, so that their spans lie inside the SERVER span.
   *
   * @param ends the events that end it; an object that looks like a response may never be closed
   */
  endWith(
    response: ServerResponse,
    beforeEnd?: (ended: RequestTrace) => void,
    ends: readonly string[] = CLOSED,
  ): void {
    MADE.delete(response);
    if (this.#hasResponse || this.isOfHost || !this.span.isRecording()) return;
    this.#hasResponse = true;
    const end = () => {
      answered(this.socket);
      if (!this.span.isRecording()) return;
      quietly(() => beforeEnd?.(this));
      quietly(() => {
        if (!recordOutcome(this, response)) return;
        this.#leftAt = monotonicNow();
        response.on('prefinish', () => quietly(() => this.answerLeft()));
      });
      answerEnded(this.span, response);
      quietly(() => this.span.end());
    };
    if (response.socket === null) onResponseClosed(this, response, end);
    else for (const event of ends) response.on(event, end);
  }

  /**
   * Tells with a span of its own how long a handler went on for a client that had left. The SERVER span ended with the
   * connection. Nothing else tells when a handler ends, so call the method when the handler answers.
   */
  answerLeft(): void {
    const startTime = this.#leftAt;
    this.#leftAt = undefined;
    if (startTime === undefined || monotonicNow() - startTime < STOPS_WITHIN_MS) return;
    ownTracer().startSpan('work after the client left', { startTime }, this.context).end();
  }
}

/** Gives what it was given for the new object: a subclass puts its private fields there, which nothing lists or copies. */
export class Given {
  constructor(given: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is what the class is for
    return given;
  }
}

/** Keeps the trace of a request in a private field, where nobody sees it. */
class Keeper extends Given {
  #trace: RequestTrace;

  constructor(given: object, trace: RequestTrace) {
    super(given);
    this.#trace = trace;
  }

  static keep(given: object, trace: RequestTrace): void {
    if (#trace in given) given.#trace = trace;
    else new Keeper(given, trace);
  }

  static of(given: object): RequestTrace | undefined {
    return #trace in given ? given.#trace : undefined;
  }
}

const keeper = processWide<Pick<typeof Keeper, 'keep' | 'of'>>('traces 1', Keeper).value;

/** The state of its stream is also that of a proxy, and of an object that inherits from the request. */
const placeOf = (raw: object): object => (raw as { readonly _readableState?: object })._readableState ?? raw;

/** Keeps the trace of a request, for all copies of this package. */
export function keepTrace(raw: object, trace: RequestTrace): void {
  keeper.keep(placeOf(raw), trace);
}

/** The trace of a request; undefined where it has not begun. */
export function traceOf(raw: object): RequestTrace | undefined {
  return keeper.of(placeOf(raw));
}

const CLOSED: readonly string[] = ['close'];

/** Responses that an app has made itself, until their request is seen. */
export const MADE = new WeakSet<ServerResponse>();

const NO_SPAN: Span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/** Leaves a request out. In the context of its trace, no span starts. */
export function leaveOut(raw: TracedMessage): RequestTrace {
  return new RequestTrace(NO_SPAN, UNTRACED, raw, '');
}

/** A handler that hears of the end of its connection stops within this time. */
const STOPS_WITHIN_MS = 50;

/**
 * Starts the trace of a request, below the caller's span when the headers name a span.
 *
 * @param route the matched route's pattern; undefined without a route
 * @param startTime reading of `performance.now()`
 * @param publicEdge whether a link stands for the caller's span
 */
export function traceRequest(
  raw: TracedMessage,
  endpoints: Endpoints,
  route: string | undefined,
  startTime: number,
  tracer: Tracer,
  publicEdge = false,
): RequestTrace {
  // The parent comes from the headers. The active context belongs to whoever opened the socket. Of a repeated `traceparent`,
  // Node makes one value with `, ` in it, which every propagator refuses.
  const method = raw.method ?? '';
  const known = KNOWN_METHODS.has(method);
  const name = known ? method : 'HTTP';
  const hostSpan = hostServerSpan();
  if (hostSpan !== undefined) {
    const requestTrace = new RequestTrace(hostSpan, context.active(), raw, name);
    requestTrace.isOfHost = true;
    if (route !== undefined) requestTrace.setRoute(route);
    return requestTrace;
  }
  const caller = propagation.extract(ROOT_CONTEXT, raw.headers);
  const edge = publicEdge ? ROOT_CONTEXT : caller;
  const code = trace.getSpanContext(caller) === undefined ? injectingSpan(raw) : undefined;
  const parent = code === undefined ? edge : trace.setSpan(edge, code);
  const links = trace.getSpanContext(parent) === undefined ? linksTo(caller, processContext.value) : NO_LINKS;
  const attributes = serverAttributes(raw, endpoints, route, known);
  const options: SpanOptions = { kind: SpanKind.SERVER, attributes, startTime, links };
  const spanName = route === undefined ? name : `${name} ${route}`;
  requestStarts(raw);
  const span = tracer.startSpan(spanName, options, parent);
  return new RequestTrace(span, trace.setSpan(parent, span), raw, name);
}

/** The active span of a request that came by `app.inject`, without a socket: of a test, for example. */
function injectingSpan(raw: IncomingMessage): Span | undefined {
  const active = context.active();
  return 'isLightMyRequest' in raw && active !== processContext.value ? trace.getSpan(active) : undefined;
}

const NO_LINKS: Link[] = [];

/** Links to a stranger's span, and to the span that started the process. Nearly all requests have neither. */
function linksTo(caller: Context, started: Context): Link[] {
  if (caller === ROOT_CONTEXT && started === ROOT_CONTEXT) return NO_LINKS;
  const others = [caller, started].map((each) => trace.getSpanContext(each));
  return others.filter((other) => other !== undefined).map((context) => ({ context }));
}

/** Reads a request without a framework. */
export function endpointsOf(raw: IncomingMessage): Endpoints {
  return {
    protocol: 'encrypted' in raw.socket ? 'https' : 'http',
    host: String(raw.headers[':authority'] ?? raw.headers.host ?? ''),
    ip: raw.socket.remoteAddress,
  };
}

/** The connection as Fastify reads it, with forwarded headers where `trustProxy` allows them. */
export interface Endpoints {
  readonly protocol: string;
  readonly host: string;
  readonly ip: string | undefined;
}

/**
 * The attributes that a SERVER span starts with. Samplers need attributes at the start (semantic conventions).
 *
 * @param known whether the method may stand in attributes
 */
function serverAttributes(
  raw: IncomingMessage,
  endpoints: Endpoints,
  route: string | undefined,
  known: boolean,
): Attributes {
  const method = raw.method ?? '';
  const scheme = endpoints.protocol;
  const { originalUrl = raw.url } = raw as { originalUrl?: string }; // where Fastify's rewriteUrl has changed it
  const { path, query, authority } = splitTarget(originalUrl ?? '/');
  const host = parseHost(authority ?? endpoints.host, scheme);
  const userAgent = raw.headers['user-agent'];
  // Literal names, and few undefined values: V8 makes and copies such an object as a whole.
  const attributes: Attributes = {
    'http.request.method': known ? method : '_OTHER',
    'url.scheme': scheme,
    'url.path': path,
    'http.route': route,
    'server.address': host?.address,
    'server.port': host?.port,
    'client.address': endpoints.ip,
    'network.peer.address': raw.socket.remoteAddress,
    'network.peer.port': raw.socket.remotePort,
    'network.protocol.version': raw.httpVersionMajor === 2 ? '2' : raw.httpVersion,
  };
  if (query !== undefined) attributes['url.query'] = redactQuery(query);
  if (userAgent !== undefined) attributes['user_agent.original'] = userAgent;
  if (!known) attributes['http.request.method_original'] = method;
  return attributes;
}

/** Whether a request asks for the health of the service: the default of `untraced`. */
export function isHealthRequest({ url = '' }: RequestHead): boolean {
  return url.startsWith('/health') && /^\/health(?:$|[/?])/.test(url);
}
