import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Attributes, Context, Link, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import { SpanKind } from '@opentelemetry/api';
import { KNOWN_METHODS, parseHost, redactQuery, splitTarget } from '../spans/http-url.ts';
import { recordOutcome } from './outcome.ts';

/** The tracing of one request: its span, its context, and its error. */
export class RequestTrace {
  readonly span: Span;
  /** Active in everything that handles this request. */
  readonly context: Context;
  readonly raw: IncomingMessage;
  error: unknown;
  /** `performance.now()` when `error` was thrown; undefined when nothing was. */
  errorTime: number | undefined;
  /** The stream that is sent as the body. */
  body: { readonly errored?: Error | null } | undefined;
  /** Whether the first hook has made the context active; before, only log lines know of the span. */
  isEntered = false;
  #hasResponse = false;

  constructor(span: Span, context: Context, raw: IncomingMessage) {
    this.span = span;
    this.context = context;
    this.raw = raw;
  }

  /** Keeps an error of a hook or handler until the status is known: only a 5xx makes it an exception event. */
  keepError(error: unknown): void {
    this.error = error;
    this.errorTime = performance.now();
  }

  /**
   * Ends the span when the response is closed: sent in full, cut off, hijacked, or waiting in a pipeline. `onResponse`
   * hooks run before, so that their spans lie inside this one.
   */
  endWith(response: ServerResponse): void {
    if (this.#hasResponse || !this.span.isRecording()) return;
    this.#hasResponse = true;
    response.on('close', () => {
      recordOutcome(this, response);
      this.span.end();
    });
  }
}

/** Fastify's reading of the connection, and of forwarded headers where `trustProxy` allows them. */
export interface Endpoints {
  readonly protocol: string;
  readonly host: string;
  readonly ip: string | undefined;
}

/**
 * Starts the SERVER span of a request, with all attributes that samplers may need by the semantic conventions.
 *
 * @param route the matched route's pattern; undefined when there is none
 * @param knownMethods methods that may stand in names; undefined for those of the conventions
 * @param startTime reading of `performance.now()`
 * @param links a stranger's span, where it is not the parent
 */
export function startServerSpan(
  tracer: Tracer,
  raw: IncomingMessage,
  endpoints: Endpoints,
  route: string | undefined,
  knownMethods: readonly string[] | undefined,
  parent: Context,
  startTime: number,
  links: Link[] | undefined,
): Span {
  const method = raw.method ?? '';
  const known = knownMethods?.includes(method) ?? KNOWN_METHODS.has(method);
  const scheme = endpoints.protocol;
  const { originalUrl = raw.url } = raw as { originalUrl?: string }; // where Fastify's rewriteUrl has changed it
  const { path, query, authority } = splitTarget(originalUrl ?? '/');
  const host = parseHost(authority ?? endpoints.host, scheme);
  const userAgent = raw.headers['user-agent'];
  // Names as texts, and no undefined values where nothing is missing: V8 makes and copies such an object as a whole.
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
  const name = known ? method : 'HTTP';
  const options: SpanOptions = { kind: SpanKind.SERVER, attributes, startTime };
  if (links !== undefined) options.links = links;
  return tracer.startSpan(route === undefined ? name : `${name} ${route}`, options, parent);
}
