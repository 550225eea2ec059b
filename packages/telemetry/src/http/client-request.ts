import type { Socket } from 'node:net';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import {
  context,
  createContextKey,
  isSpanContextValid,
  propagation,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import type { UndiciRequest } from '@opentelemetry/instrumentation-undici';
import { isError } from '../is-error.ts';
import { randomSpanId } from '../sdk/tracer.ts';
import { KNOWN_METHODS, MAY_BE_SECRET, redactQuery, redactUrl } from './url.ts';

const URL_TEMPLATE = createContextKey('tandem url.template');
const RESEND_COUNT = createContextKey('tandem http.request.resend_count');

/**
 * Runs `fn`. The CLIENT spans of its requests, also of later ones in its context, are named `{method} {template}` and have
 * `url.template`.
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
 * Runs `fn`. The CLIENT spans of its requests, also of later ones in its context, have `http.request.resend_count`
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

/**
 * The attributes that a CLIENT span starts with, by the semantic conventions for HTTP clients.
 *
 * @throws TypeError for a URL that cannot be read
 */
export function requestAttributes(request: UndiciRequest): Attributes {
  const { origin, path } = request;
  const url = path.startsWith('/') ? undefined : new URL(path, origin); // a whole URL, for a proxy
  const { scheme, address, port } = url === undefined ? serverAt(origin) : serverOf(url);
  const target = url === undefined ? path : url.pathname + url.search;
  const question = target.indexOf('?');
  const attributes: Attributes = {
    'http.request.method': knownMethod(request) ?? '_OTHER',
    'url.full': redactUrl(url === undefined ? origin + path : path),
    'url.path': question === -1 ? target : target.slice(0, question),
    'url.scheme': scheme,
    'server.address': address,
    'server.port': port,
  };
  if (question !== -1) attributes['url.query'] = redactQuery(target.slice(question + 1));
  return addRest(attributes, request);
}

/** instrumentation-undici redacts nothing, takes // for a host, walks /../, and leaves the brackets of IPv6. */
const UNUSUAL_PATH = /\/[/.]/;
const UNUSUAL_ORIGIN = /[@[]/;

/**
 * Attributes that instrumentation-undici lacks or writes differently; undefined removes one. There are as few as possible,
 * because the instrumentation makes a list of each.
 */
export function correctedAttributes(request: UndiciRequest): Attributes {
  const { origin, path } = request;
  const question = path.indexOf('?');
  const attributes: Attributes = {
    'http.request.method_original': undefined,
    'url.query': question === -1 ? undefined : path.slice(question + 1),
  };
  const isSame = !(UNUSUAL_PATH.test(path) || MAY_BE_SECRET.test(path) || UNUSUAL_ORIGIN.test(origin));
  return isSame ? addRest(attributes, request) : { ...attributes, ...requestAttributes(request) };
}

/** Adds attributes that few requests have. */
function addRest(attributes: Attributes, { method }: UndiciRequest): Attributes {
  const active = context.active();
  const template = active.getValue(URL_TEMPLATE) as string | undefined;
  const resendCount = active.getValue(RESEND_COUNT) as number | undefined;
  if (!KNOWN_METHODS.has(method)) attributes['http.request.method_original'] = method;
  if (template !== undefined) attributes['url.template'] = template;
  if (resendCount !== undefined) attributes['http.request.resend_count'] = resendCount;
  return attributes;
}

/** Services ask few servers, and reading a URL costs more than all other attributes of a span. */
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

/** The method in capitals; undefined for an unknown one. */
function knownMethod({ method }: UndiciRequest): string | undefined {
  const upper = method.toUpperCase();
  return KNOWN_METHODS.has(upper) ? upper : undefined;
}

/** The name of a CLIENT span: the method, or `HTTP` for an unknown one, and the template. */
export function clientSpanName(request: UndiciRequest): string {
  const name = knownMethod(request) ?? 'HTTP';
  const template = context.active().getValue(URL_TEMPLATE);
  return typeof template === 'string' ? `${name} ${template}` : name;
}

/**
 * Sends an unsampled context on, with a parent id of its own (W3C Trace Context, "parent-id is updated"). A CLIENT span
 * would collect its attributes for nothing, because nothing below is sampled.
 *
 * @returns whether it has done so
 */
export function passUnsampled(request: UndiciRequest, active: Context): boolean {
  const span = trace.getSpan(active);
  if (span === undefined || span.isRecording()) return false;
  const parent = span.spanContext();
  if (parent.isRemote || (parent.traceFlags & TraceFlags.SAMPLED) !== 0 || !isSpanContextValid(parent))
    return false;
  sendContext(request, trace.setSpanContext(active, { ...parent, spanId: randomSpanId() }));
  return true;
}

/** Adds the headers that carry `outgoing` to a request, and removes older ones. */
export function sendContext(request: UndiciRequest, outgoing: Context): void {
  const injected = replaceHeaders(request, outgoing);
  for (const name in injected) request.addHeader(name, injected[name] ?? '');
}

/**
 * Removes older headers of a context from a request: a caller that forwards received headers sends our parent only. A
 * caller's baggage stays beside ours unless both are the same, because several baggage headers are one list.
 *
 * undici keeps the headers of every form that it accepts as `[name, value, name, value, …]`.
 *
 * @returns the headers that carry `outgoing`
 */
export function replaceHeaders({ headers }: UndiciRequest, outgoing: Context): Record<string, string> {
  const injected: Record<string, string> = {};
  propagation.inject(outgoing, injected);
  if (!carriesContext(headers)) return injected;
  const replaced = new Set(Object.keys(injected).map((name) => name.toLowerCase()));
  if (replaced.has('traceparent')) replaced.add('tracestate');
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    const name = String(headers[i]).toLowerCase();
    const isKept = name === 'baggage' && headers[i + 1] !== injected.baggage;
    if (replaced.has(name) && !isKept) headers.splice(i, 2);
  }
  return injected;
}

/** Whether headers of undici carry a context, because a caller forwards received headers. */
export function carriesContext(headers: unknown): headers is unknown[] {
  if (!Array.isArray(headers)) return false;
  const fields = propagation.fields();
  return headers.some((name, at) => at % 2 === 0 && fields.includes(String(name).toLowerCase()));
}

/** The parts of undici's messages that are read. */
export interface UndiciMessage {
  /** With `upgrade`, the request becomes a WebSocket, and no message tells its end. */
  readonly request: UndiciRequest & { readonly upgrade?: string | null; [CLIENT_SPAN]?: Span | undefined };
  readonly socket: Socket & { alpnProtocol?: string | false | null };
  readonly response: { readonly statusCode: number };
  readonly error: unknown;
}

/** Where the span of a request of undici is kept, on the request. */
export const CLIENT_SPAN: unique symbol = Symbol('tandem.client-span');

/** Whether the caller cancelled a request. undici's own errors are Errors. */
export function isCancellation(reason: unknown): boolean {
  return !isError(reason) || reason.name === 'AbortError';
}
