import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Attributes, Context, Link, Span, SpanOptions } from '@opentelemetry/api';
import { SpanKind, TraceFlags, trace } from '@opentelemetry/api';
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
import type { TelemetryCounters } from '../counters.ts';
import { parseHost, redactQuery, splitTarget } from '../http/url.ts';
import { processWide } from '../process-wide.ts';
import { tracer } from '../sdk/tracer.ts';
import { recordOutcome } from './outcome.ts';

/** The tracing of one request: its span, its context, and what went wrong so far. */
export class RequestTrace {
  readonly span: Span;
  /** Active in everything that handles this request; what hooks before its body made of it. */
  context: Context;
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

  /** Keeps what a hook or handler threw until the status is known: only a 5xx makes it an exception event. */
  keepError(error: unknown): void {
    this.error = error;
    this.errorTime = performance.now();
  }

  /**
   * Ends the span when the response is closed, in any of the ways in which a request can end: sent in full, cut off,
   * hijacked, waiting in a pipeline. That comes after `onResponse` hooks, so that their spans lie inside this one.
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
  const host = parseHost(authority ?? endpoints.host, scheme);
  const attributes: Attributes = {
    [ATTR_HTTP_REQUEST_METHOD]: known ? method : '_OTHER',
    [ATTR_URL_SCHEME]: scheme,
    [ATTR_URL_PATH]: path,
    [ATTR_URL_QUERY]: query && redactQuery(query),
    [ATTR_HTTP_ROUTE]: route,
    [ATTR_SERVER_ADDRESS]: host?.address,
    [ATTR_SERVER_PORT]: host?.port,
    [ATTR_CLIENT_ADDRESS]: endpoints.ip,
    [ATTR_USER_AGENT_ORIGINAL]: raw.headers['user-agent'],
  };
  const name = known ? method : 'HTTP';
  const options: SpanOptions = { kind: SpanKind.SERVER, attributes };
  if (startTime !== undefined) options.startTime = startTime;
  if (links !== undefined) options.links = links;
  const span = tracer().startSpan(route === undefined ? name : `${name} ${route}`, options, parent);
  if (!span.isRecording()) return span;
  return span.setAttributes({
    [ATTR_HTTP_REQUEST_METHOD_ORIGINAL]: known ? undefined : method,
    [ATTR_NETWORK_PEER_ADDRESS]: raw.socket.remoteAddress,
    [ATTR_NETWORK_PEER_PORT]: raw.socket.remotePort,
    [ATTR_NETWORK_PROTOCOL_VERSION]: raw.httpVersionMajor === 2 ? '2' : raw.httpVersion,
  });
}

type Arrivals = TelemetryCounters['arrivals'];

const counted = processWide('arrivals 2', { none: 0, sampled: 0, unsampled: 0 });

/**
 * Counts a request whose caller's context its own span continues. One that is recorded although its caller did not
 * sample (OTEL_TRACES_SAMPLER=always_on) counts as sampled.
 */
export function countArrival(caller: Context, span: Span): void {
  const parent = trace.getSpanContext(caller);
  const counts = counted.value;
  if (parent === undefined) counts.none++;
  else if ((parent.traceFlags & TraceFlags.SAMPLED) !== 0 || span.isRecording()) counts.sampled++;
  else counts.unsampled++;
}

/** Requests of this process so far, by what their caller's context says about sampling. */
export function arrivals(): Arrivals {
  return counted.value;
}
