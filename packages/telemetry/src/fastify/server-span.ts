import type { IncomingMessage } from 'node:http';
import type { Attributes, Context, Span, TextMapGetter } from '@opentelemetry/api';
import { propagation, SpanKind } from '@opentelemetry/api';
import { redactQuery } from '../http-client/redact-url.ts';
import { REQUEST_ROOT } from '../propagation/index.ts';
import { tracer } from '../tracer.ts';
import { parseHost } from './host.ts';
import { splitTarget } from './request-target.ts';

/** What Fastify makes of the connection and of forwarded headers, when its `trustProxy` allows them. */
export interface Endpoints {
  readonly protocol: string;
  readonly host: string;
  readonly ip: string | undefined;
}

/** Reads the caller's context from the headers, with the global propagators. */
export function incomingContext(raw: IncomingMessage): Context {
  // Not the active context: that one belongs to whoever opened the listening socket or the connection.
  return propagation.extract(REQUEST_ROOT, raw.headers, HEADERS);
}

/**
 * Starts the SERVER span of a request, with all that the semantic conventions want samplers to see.
 *
 * @param route the matched route's pattern; undefined when there is none
 * @param startTime reading of `performance.now()`; default: now
 */
export function startServerSpan(
  raw: IncomingMessage,
  endpoints: Endpoints,
  route: string | undefined,
  knownMethods: ReadonlySet<string>,
  parent: Context,
  startTime: number | undefined,
): Span {
  const method = raw.method ?? '';
  const known = knownMethods.has(method);
  const scheme = endpoints.protocol;
  const { path, query, authority } = splitTarget(raw.url ?? '/');
  const attributes: Attributes = {
    'http.request.method': known ? method : '_OTHER',
    'url.scheme': scheme,
    'url.path': path,
  };
  if (query !== undefined) attributes['url.query'] = redactQuery(query);
  if (route !== undefined) attributes['http.route'] = route;
  const host = parseHost(authority ?? endpoints.host, scheme);
  if (host !== undefined) {
    attributes['server.address'] = host.address;
    attributes['server.port'] = host.port;
  }
  if (endpoints.ip !== undefined) attributes['client.address'] = endpoints.ip;
  const userAgent = raw.headers['user-agent'];
  if (userAgent !== undefined) attributes['user_agent.original'] = userAgent;

  const name = known ? method : 'HTTP';
  const span = tracer().startSpan(
    route === undefined ? name : `${name} ${route}`,
    startTime === undefined
      ? { kind: SpanKind.SERVER, attributes }
      : { kind: SpanKind.SERVER, attributes, startTime },
    parent,
  );
  if (span.isRecording()) {
    if (!known) span.setAttribute('http.request.method_original', method);
    setConnection(span, raw);
  }
  return span;
}

function setConnection(span: Span, raw: IncomingMessage): void {
  const { remoteAddress, remotePort } = raw.socket;
  if (remoteAddress !== undefined) span.setAttribute('network.peer.address', remoteAddress);
  if (remotePort !== undefined) span.setAttribute('network.peer.port', remotePort);
  span.setAttribute('network.protocol.version', raw.httpVersionMajor === 2 ? '2' : raw.httpVersion);
}

/**
 * Node joins the values of a repeated `traceparent` with `, `, which no propagator takes for a value: a request with
 * two parents starts a new trace, as the specification demands.
 */
const HEADERS: TextMapGetter<IncomingMessage['headers']> = {
  get: (headers, name) => headers[name],
  keys: (headers) => Object.keys(headers),
};
