import type { Attributes, Context, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import { context, createContextKey, propagation, SpanKind, trace } from '@opentelemetry/api';
import { isError } from '../process/is-error.ts';
import { KNOWN_METHODS, redactQuery, redactUrl } from '../spans/http-url.ts';
import { recordFailure, setFailed } from '../spans/record-failure.ts';

const URL_TEMPLATE = createContextKey('tandem url.template');
const RESEND_COUNT = createContextKey('tandem http.request.resend_count');

/**
 * Runs `fn`. The CLIENT spans of all requests in `fn`'s context, also of later requests, are named `{method} {template}`
 * and have `url.template`.
 *
 * @param template low-cardinality path of the request, as the semantic conventions for `url.template` say:
 *   `/api/users/:handle`
 * @returns the result of `fn`; errors are passed on
 *
 * @example
 * const user = await withUrlTemplate('/api/users/:handle', () => fetch(`${base}/api/users/${handle}`));
 */
export function withUrlTemplate<T>(template: string, fn: () => T): T {
  return context.with(context.active().setValue(URL_TEMPLATE, template), fn);
}

/**
 * Runs `fn`. The CLIENT spans of all requests in `fn`'s context, also of later requests, have `http.request.resend_count`
 * (semantic conventions for HTTP clients).
 *
 * @param count how often the request was sent before; 0 for a first attempt, whose span has no count
 * @returns the result of `fn`; errors are passed on
 *
 * @example
 * const answer = await withResendCount(1, () => fetch(url));
 */
export function withResendCount<T>(count: number, fn: () => T): T {
  return count === 0 ? fn() : context.with(context.active().setValue(RESEND_COUNT, count), fn);
}

/** The parts of a request that its span starts with. */
export interface RequestLine {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
}

/** A request in the messages of undici's diagnostics channels. */
export interface UndiciRequest extends RequestLine {
  /** `[name, value, name, value, …]`, whatever form the caller gave; a string in undici 5. */
  readonly headers: unknown;
  addHeader(name: string, value: string): void;
}

/**
 * The attributes that a CLIENT span starts with, by the semantic conventions for HTTP clients.
 *
 * @throws TypeError for a URL that cannot be read
 */
function requestAttributes(request: RequestLine): Attributes {
  const { method, origin, path } = request;
  const url = path.startsWith('/') ? undefined : new URL(path, origin); // a whole URL, for a proxy
  const { scheme, address, port } = url === undefined ? serverAt(origin) : serverOf(url);
  const target = url === undefined ? path : url.pathname + url.search;
  const question = target.indexOf('?');
  const name = nameOf(request);
  const attributes: Attributes = {
    'http.request.method': name === 'HTTP' ? '_OTHER' : name,
    'url.full': redactUrl(url === undefined ? origin + path : path),
    'url.path': question === -1 ? target : target.slice(0, question),
    'url.scheme': scheme,
    'server.address': address,
    'server.port': port,
  };
  if (question !== -1) attributes['url.query'] = redactQuery(target.slice(question + 1));
  const template = activeTemplate();
  const resendCount = context.active().getValue(RESEND_COUNT) as number | undefined;
  if (!KNOWN_METHODS.has(method)) attributes['http.request.method_original'] = method;
  if (template !== undefined) attributes['url.template'] = template;
  if (resendCount !== undefined) attributes['http.request.resend_count'] = resendCount;
  return attributes;
}

/** Starts the CLIENT span of a request; undefined for a URL that cannot be read: the request is not traced. */
export function startClientSpan(tracer: Tracer, request: RequestLine, parent: Context): Span | undefined {
  let attributes: Attributes;
  try {
    attributes = requestAttributes(request);
  } catch {
    return undefined;
  }
  return tracer.startSpan(spanNameOf(request), { kind: SpanKind.CLIENT, attributes }, parent);
}

/** Writes the status of a response to its CLIENT span. From 400 on, the status is an error of the client. */
export function recordStatus(span: Span, statusCode: number): void {
  span.setAttribute('http.response.status_code', statusCode);
  if (statusCode >= 400) setFailed(span, String(statusCode));
}

/** Records the failure of a traced request. A caller's cancellation is no failure. */
export function recordRequestFailure(span: Span | undefined, reason: unknown): void {
  if (span !== undefined && isError(reason) && reason.name !== 'AbortError') recordFailure(span, reason);
}

/** The method in capitals, or `HTTP` for an unknown one. */
function nameOf({ method }: RequestLine): string {
  const upper = method.toUpperCase();
  return KNOWN_METHODS.has(upper) ? upper : 'HTTP';
}

/** The name of a CLIENT span: the method, and the template of the active context's requests. */
function spanNameOf(request: RequestLine): string {
  const template = activeTemplate();
  return template === undefined ? nameOf(request) : `${nameOf(request)} ${template}`;
}

/** Whether Next.js, instrumentation-http or others run the request in a CLIENT span of their own: no second one is made. */
export function hasClientSpan(active: Context): boolean {
  return isClientSpan(Object(trace.getSpan(active)));
}

/** Whether a span, or the options of a span, are of a request of an HTTP client, in the present conventions or older ones. */
export function isClientSpan({ kind, attributes = {} }: SpanOptions): boolean {
  return kind === SpanKind.CLIENT && ('http.request.method' in attributes || 'http.method' in attributes);
}

/** A cache: a service calls few servers, and parsing a URL costs more than all other attributes of a span. */
const servers = new Map<string, ReturnType<typeof serverOf>>();
const MAX_SERVERS = 100;

function serverAt(origin: string) {
  const known = servers.get(origin);
  if (known !== undefined) return known;
  const server = serverOf(new URL(origin));
  if (servers.size < MAX_SERVERS) servers.set(origin, server);
  return server;
}

function serverOf({ protocol, hostname, port }: URL) {
  return {
    scheme: protocol.slice(0, -1),
    address: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  };
}

/** The template of the active context's requests. */
function activeTemplate(): string | undefined {
  return context.active().getValue(URL_TEMPLATE) as string | undefined;
}

/**
 * Adds the headers that carry `outgoing` to a request, and removes older context headers, because a caller may forward
 * received headers. A caller's baggage stays beside ours unless both are the same, because several baggage headers are one
 * list.
 */
export function sendContext(request: UndiciRequest, outgoing: Context): void {
  const headers = Array.isArray(request.headers) ? request.headers : [];
  const injected: Record<string, string> = {};
  propagation.inject(outgoing, injected);
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    const name = String(headers[i]).toLowerCase();
    const isReplaced = Object.hasOwn(injected, name === 'tracestate' ? 'traceparent' : name);
    const isKept = name === 'baggage' && headers[i + 1] !== injected.baggage;
    if (isReplaced && !isKept) headers.splice(i, 2);
  }
  for (const name in injected) request.addHeader(name, injected[name] ?? '');
}
