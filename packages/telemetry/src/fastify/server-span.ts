import type { IncomingMessage } from 'node:http';
import type { Attributes, Context, Link, Span, SpanOptions } from '@opentelemetry/api';
import { SpanKind } from '@opentelemetry/api';
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
} from '@opentelemetry/semantic-conventions';
import { redactQuery } from '../http/redact-url.ts';
import { parseHost, splitTarget } from '../http/requested-url.ts';
import { tracer } from '../sdk/package-tracer.ts';

/** What Fastify makes of the connection and of forwarded headers, when its `trustProxy` allows them. */
export interface Endpoints {
  readonly protocol: string;
  readonly host: string;
  readonly ip: string | undefined;
}

/**
 * Starts the SERVER span of a request, with all that the semantic conventions want samplers to see.
 *
 * @param route the matched route's pattern; undefined when there is none
 * @param startTime reading of `performance.now()`; default: now
 * @param links a stranger's span, where it is not the parent
 */
export function startServerSpan(
  raw: IncomingMessage,
  endpoints: Endpoints,
  route: string | undefined,
  knownMethods: ReadonlySet<string>,
  parent: Context,
  startTime: number | undefined,
  links: Link[] | undefined,
): Span {
  const method = raw.method ?? '';
  const known = knownMethods.has(method);
  const scheme = endpoints.protocol;
  const { originalUrl = raw.url } = raw as { originalUrl?: string }; // where Fastify's rewriteUrl has changed it
  const { path, query, authority } = splitTarget(originalUrl ?? '/');
  const attributes: Attributes = {};
  attributes[ATTR_HTTP_REQUEST_METHOD] = known ? method : '_OTHER';
  attributes[ATTR_URL_SCHEME] = scheme;
  attributes[ATTR_URL_PATH] = path;
  if (query !== undefined) attributes[ATTR_URL_QUERY] = redactQuery(query);
  if (route !== undefined) attributes[ATTR_HTTP_ROUTE] = route;
  const host = parseHost(authority ?? endpoints.host, scheme);
  if (host !== undefined) {
    attributes[ATTR_SERVER_ADDRESS] = host.address;
    attributes[ATTR_SERVER_PORT] = host.port;
  }
  if (endpoints.ip !== undefined) attributes[ATTR_CLIENT_ADDRESS] = endpoints.ip;
  const userAgent = raw.headers['user-agent'];
  if (userAgent !== undefined) attributes[ATTR_USER_AGENT_ORIGINAL] = userAgent;

  const name = known ? method : 'HTTP';
  const options: SpanOptions = { kind: SpanKind.SERVER, attributes };
  if (startTime !== undefined) options.startTime = startTime;
  if (links !== undefined) options.links = links;
  const span = tracer().startSpan(route === undefined ? name : `${name} ${route}`, options, parent);
  if (span.isRecording()) {
    if (!known) span.setAttribute(ATTR_HTTP_REQUEST_METHOD_ORIGINAL, method);
    setConnection(span, raw);
  }
  return span;
}

function setConnection(span: Span, raw: IncomingMessage): void {
  const { remoteAddress, remotePort } = raw.socket;
  if (remoteAddress !== undefined) span.setAttribute(ATTR_NETWORK_PEER_ADDRESS, remoteAddress);
  if (remotePort !== undefined) span.setAttribute(ATTR_NETWORK_PEER_PORT, remotePort);
  span.setAttribute(ATTR_NETWORK_PROTOCOL_VERSION, raw.httpVersionMajor === 2 ? '2' : raw.httpVersion);
}
