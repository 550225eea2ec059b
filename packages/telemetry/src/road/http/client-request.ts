import type { Attributes, Context, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import { context, createContextKey, propagation, SpanKind } from '@opentelemetry/api';
import { setFailed } from '../../common/failures.ts';
import { monotonicNow } from '../../common/primordials.ts';
import type { OpenRequest } from '../../beside/other-tracers.ts';
import { leaveToLater, removeHeaders } from '../../beside/other-tracers.ts';
import { redactQuery, redactUrl } from '../../process/secrets/redaction.ts';
import type { CallSocket } from './call.ts';
import { Call } from './call.ts';
import { KNOWN_METHODS, parseHost, splitTarget } from './http-url.ts';
import { recordRequestFailure } from './request-failure.ts';
import { forgetBody, watchBody } from './unread-bodies.ts';

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

/** Adds the headers that carry `outgoing` to a request, in place of forwarded headers. */
export function sendContext(request: OpenRequest, outgoing: Context): void {
  const injected = removeForwarded(request, outgoing);
  for (const name in injected) request.addHeader(name, injected[name] ?? '');
  if ('traceparent' in injected) leaveToLater(request);
}

/**
 * Removes the context headers that a caller forwards from a request, where headers that carry `outgoing` replace them. A
 * caller's baggage stays beside ours unless both are the same, because several baggage headers are one list.
 *
 * @returns the headers that carry `outgoing`
 */
export function removeForwarded(request: OpenRequest, outgoing: Context): Record<string, string> {
  const injected: Record<string, string> = {};
  propagation.inject(outgoing, injected);
  removeHeaders(request.headers, (name, value) => {
    const isReplaced = Object.hasOwn(injected, name === 'tracestate' ? 'traceparent' : name);
    return isReplaced && (name !== 'baggage' || value === injected.baggage);
  });
  return injected;
}

const LENGTH = 'content-length';

/** Key of the call on a request of undici. */
export const CALL: unique symbol = Symbol('tandem.undici-call');

/**
 * A request in the messages of undici's diagnostics channels, with its call. With `upgrade`, it becomes a WebSocket, and undici
 * publishes no end.
 */
export interface CalledRequest extends RequestLine, OpenRequest {
  readonly upgrade?: string | null;
  [CALL]?: UndiciCall | undefined;
}

/** The read parts of the messages of undici's diagnostics channels. */
export interface UndiciMessage {
  readonly request: CalledRequest;
  readonly socket: CallSocket;
  readonly response: { readonly statusCode: number; readonly headers?: unknown };
  readonly error: unknown;
}

/** The end of a request of undici: by its body, by a failure, or by a caller that does not read the body. */
export class UndiciCall extends Call {
  socket: CallSocket | undefined;
  #bytesBefore = 0;
  #headers: unknown;

  override sent(socket: CallSocket): void {
    super.sent(socket);
    this.socket = socket;
    this.#bytesBefore = socket.bytesRead;
  }

  /** The response has begun. */
  answered({ method }: RequestLine, { statusCode, headers }: UndiciMessage['response']): void {
    this.headersAt = monotonicNow();
    this.#headers = headers;
    recordBodySize(this.span, method, statusCode, this.#length());
    if (this.socket?.alpnProtocol !== 'h2') watchBody(this); // streams of HTTP/2 share one connection
  }

  /** The body has ended. Ends the span, once. undici keeps a request for long, which must not keep the span. */
  end(request: CalledRequest, time?: number): void {
    request[CALL] = undefined;
    forgetBody(this);
    if (this.span.isRecording()) {
      this.ending(time ?? monotonicNow());
      this.span.end(time);
    }
    this.onEnd?.();
  }

  /** The request has failed. Records the failure, and ends the span. */
  fail(request: CalledRequest, error: unknown): void {
    const { reason } = Object(handlerOf(request));
    if (this.socket === undefined && Object(error).message === NO_REASON)
      setFailed(this.span, 'AbortError', 'its caller gave up before there was a connection');
    else recordRequestFailure(this.span, { error, reason, socket: this.socket });
    // A text is undici's reason for a response that is garbage.
    const isGarbage = typeof (Object(error).code === 'UND_ERR_ABORTED' ? reason : error) === 'string';
    this.end(request, isGarbage && this.headersAt > 0 ? this.headersAt : undefined);
  }

  unreadBytes(): number | undefined {
    if (this.socket === undefined) return undefined;
    const bytes = this.socket.bytesRead - this.#bytesBefore;
    // undici stops reading in front of a body that nobody takes, or at its last byte.
    return this.socket.readableLength > 0 || bytes >= this.#length() ? bytes : undefined;
  }

  /** The `content-length`: undici has the headers as `[name, value, name, value, …]`. */
  #length(): number {
    const headers: readonly unknown[] = Array.isArray(this.#headers) ? this.#headers : [];
    for (let at = 0; at < headers.length; at += 2)
      if (Object(headers[at]).length === LENGTH.length && String(headers[at]).toLowerCase() === LENGTH)
        return Number(headers[at + 1]);
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * The error that `fetch` makes when its caller gives up before there is a connection. It does not say whether a time limit
 * or a cancellation was the reason. It counts as a failure, because a cancellation seldom comes that early.
 */
const NO_REASON = 'The operation was aborted.';

/** The keys of handlers, by the prototypes of requests: a process may have several versions of undici. */
const keys = new WeakMap<object, symbol>();

/** The handler of a request of undici, which its dispatcher may have wrapped. */
export function handlerOf(request: object): object | undefined {
  const prototype = Object.getPrototypeOf(request);
  let key = keys.get(prototype);
  if (key === undefined) {
    key = Object.getOwnPropertySymbols(request).find(({ description }) => description === 'handler');
    if (key === undefined) return undefined;
    keys.set(prototype, key);
  }
  const handler = Reflect.get(request, key);
  return typeof handler === 'object' && handler !== null ? handler : undefined;
}
