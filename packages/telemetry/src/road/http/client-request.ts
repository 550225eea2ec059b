import type { Attributes, Context, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import {
  context,
  createContextKey,
  isSpanContextValid,
  propagation,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { setFailed } from '../../common/failures.ts';
import { redactQuery, redactUrl } from '../../process/secrets/redaction.ts';
import { KNOWN_METHODS, parseHost, splitTarget } from './http-url.ts';

const URL_TEMPLATE = createContextKey('tandem url.template');
const RESEND_COUNT = createContextKey('tandem http.request.resend_count');

/**
 * Runs `fn`, and names the CLIENT spans of its requests: all in `fn`'s context, also later ones, are `{method} {template}`
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
 * Runs `fn`, and marks the CLIENT spans of its requests as sent again: all in `fn`'s context, also later ones, have
 * `http.request.resend_count` (semantic conventions for HTTP clients).
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
 * The context that the headers of a request carry, where its caller has none: such a request continues a trace by itself, as an
 * adapter for functions does for its event, and keeps its headers. Undefined for all others.
 *
 * @param headerOf a header of the request, by its name in lower case
 */
export function contextInHeaders(
  active: Context,
  headerOf: (name: string) => string | undefined,
): Context | undefined {
  if (trace.getSpan(active) !== undefined) return undefined;
  const carried = propagation.extract(active, undefined, {
    get: (_, name) => headerOf(name),
    keys: () => [],
  });
  const found = trace.getSpanContext(carried);
  return found !== undefined && isSpanContextValid(found) ? carried : undefined;
}

/** The parts of a request that its span starts with. */
export interface RequestLine {
  readonly method: string;
  /** A URL for callers of undici 6 and 7. */
  readonly origin: string | URL;
  readonly path: string;
}

/**
 * Starts the CLIENT span of a request.
 *
 * @param since when the request was asked for, a reading of `performance.now()`; default: now
 */
export function startClientSpan(tracer: Tracer, request: RequestLine, parent: Context, since?: number): Span {
  const options: SpanOptions = { kind: SpanKind.CLIENT, attributes: requestAttributes(request, parent) };
  if (since !== undefined) options.startTime = since;
  return tracer.startSpan(spanNameOf(request, parent), options, parent);
}

/** The attributes that a CLIENT span starts with, by the semantic conventions for HTTP clients. */
export function requestAttributes(request: RequestLine, parent: Context): Attributes {
  const { path: target } = request;
  const origin = typeof request.origin === 'string' ? request.origin : request.origin.origin;
  const { path, query, authority } = splitTarget(target);
  const url = authority === undefined ? origin + target : target; // a whole URL, for a proxy
  const scheme = url.slice(0, url.indexOf(':'));
  const server = parseHost(authority ?? origin.slice(origin.indexOf('//') + 2), scheme);
  const attributes: Attributes = {
    'http.request.method': knownMethod(request) ?? '_OTHER',
    'url.full': redactUrl(url),
    'url.path': path,
    'url.scheme': scheme,
    'server.address': server?.address,
    'server.port': server?.port,
  };
  if (query !== undefined) attributes['url.query'] = redactQuery(query);
  return addRareAttributes(attributes, request, parent);
}

/** Adds the attributes that few requests have. */
export function addRareAttributes(attributes: Attributes, request: RequestLine, parent: Context): Attributes {
  const template = parent.getValue(URL_TEMPLATE) as string | undefined;
  const resendCount = parent.getValue(RESEND_COUNT) as number | undefined;
  if (!KNOWN_METHODS.has(request.method)) attributes['http.request.method_original'] = request.method;
  if (template !== undefined) attributes['url.template'] = template;
  if (resendCount !== undefined) attributes['http.request.resend_count'] = resendCount;
  return attributes;
}

/** The name of a CLIENT span: the method, and the template of `withUrlTemplate`. */
export function spanNameOf(request: RequestLine, parent: Context): string {
  const template = parent.getValue(URL_TEMPLATE) as string | undefined;
  const name = knownMethod(request) ?? 'HTTP';
  return template === undefined ? name : `${name} ${template}`;
}

/** The method in capitals; undefined for an unknown one. */
function knownMethod({ method }: RequestLine): string | undefined {
  const upper = method.toUpperCase();
  return KNOWN_METHODS.has(upper) ? upper : undefined;
}

/** Writes the status of a response to its CLIENT span. From 400 on, the status is an error of the client. */
export function recordStatus(span: Span, statusCode: number): void {
  span.setAttribute('http.response.status_code', statusCode);
  if (statusCode >= 400) setFailed(span, String(statusCode));
}

/** A shorter body explains nothing, in bytes, and the span of each call would have one more attribute. */
const LEAST_BODY_BYTES = 64 * 1024;

/** Writes the size of a response's body to its CLIENT span where its header tells one that matters. */
export function recordBodySize(
  span: Span,
  method: string | undefined,
  status: number,
  length: unknown,
): void {
  const bytes = Number(length);
  if (bytes >= LEAST_BODY_BYTES && Number.isFinite(bytes) && method !== 'HEAD' && status !== 304)
    span.setAttribute('http.response.body.size', bytes);
}
