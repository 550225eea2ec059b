import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import { context, createContextKey, propagation } from '@opentelemetry/api';
import type { UndiciRequest } from '@opentelemetry/instrumentation-undici';
import {
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
} from '@opentelemetry/semantic-conventions';
import { isError } from '../is-error.ts';
import { KNOWN_METHODS, redactQuery, redactUrl } from './url.ts';

/** Not among the stable names of @opentelemetry/semantic-conventions yet. */
const ATTR_URL_TEMPLATE = 'url.template';

const URL_TEMPLATE = createContextKey('tandem url.template');
const RESEND_COUNT = createContextKey('tandem http.request.resend_count');

/**
 * Runs `fn`; the CLIENT spans of requests made in it, or in what it starts, are named `{method} {template}` and have
 * `url.template`.
 *
 * @param template low-cardinality path of the request, as the semantic conventions for `url.template` say:
 *   `/api/users/:handle`
 * @returns what `fn` returns; what it throws is passed on
 *
 * @example
 * const user = await withUrlTemplate('/api/users/:handle', () => fetch(`${base}/api/users/${handle}`));
 */
export function withUrlTemplate<T>(template: string, fn: () => T): T {
  return context.with(context.active().setValue(URL_TEMPLATE, template), fn);
}

/**
 * Runs `fn`; the CLIENT spans of requests made in it, or in what it starts, say that they are sent again
 * (`http.request.resend_count` of the semantic conventions for HTTP clients).
 *
 * @param count how often the request was sent before; 0 for a first attempt, whose span says nothing of it
 * @returns what `fn` returns; what it throws is passed on
 *
 * @example
 * const answer = await withResendCount(1, () => fetch(url));
 */
export function withResendCount<T>(count: number, fn: () => T): T {
  return count === 0 ? fn() : context.with(context.active().setValue(RESEND_COUNT, count), fn);
}

/**
 * The attributes of a CLIENT span by the semantic conventions for HTTP clients, as far as instrumentation-undici lacks them
 * or has them differently; undefined takes one of its own away.
 */
export function requestAttributes({ method, origin, path }: UndiciRequest): Attributes {
  const active = context.active();
  const question = path.indexOf('?');
  const attributes: Attributes = {
    [ATTR_URL_FULL]: redactUrl(path.startsWith('/') ? origin + path : path),
    [ATTR_URL_QUERY]: question === -1 ? undefined : redactQuery(path.slice(question + 1)),
    [ATTR_HTTP_REQUEST_METHOD_ORIGINAL]: KNOWN_METHODS.has(method) ? undefined : method,
  };
  const template = active.getValue(URL_TEMPLATE);
  if (typeof template === 'string') attributes[ATTR_URL_TEMPLATE] = template;
  const resends = active.getValue(RESEND_COUNT);
  if (typeof resends === 'number') attributes[ATTR_HTTP_REQUEST_RESEND_COUNT] = resends;
  // The instrumentation takes a path of `//name` for another host, and keeps the brackets of IPv6 addresses.
  if (path.startsWith('//') || origin.includes('['))
    Object.assign(attributes, serverAttributes(origin), pathAttributes(path));
  return attributes;
}

/** `server.*` of an origin. @throws TypeError when it is no URL */
export function serverAttributes(origin: string): Attributes {
  const { hostname, port, protocol } = new URL(origin);
  const usual = protocol === 'https:' ? 443 : 80;
  return {
    [ATTR_SERVER_ADDRESS]: hostname.replace(/^\[|\]$/g, ''),
    [ATTR_SERVER_PORT]: port === '' ? usual : Number(port),
  };
}

/** `url.path` of a request target that is a path, as it is sent. */
export function pathAttributes(path: string): Attributes {
  return path.startsWith('/') ? { [ATTR_URL_PATH]: path.split('?', 1)[0] ?? '' } : {};
}

/** The method in capitals; undefined for one that may not stand in a name. */
export function knownMethod({ method }: UndiciRequest): string | undefined {
  const upper = method.toUpperCase();
  return KNOWN_METHODS.has(upper) ? upper : undefined;
}

/** The name of a CLIENT span: method, `HTTP` for one that is not known, and template. */
export function clientSpanName(request: UndiciRequest): string {
  const name = knownMethod(request) ?? 'HTTP';
  const template = context.active().getValue(URL_TEMPLATE);
  return typeof template === 'string' ? `${name} ${template}` : name;
}

/** Adds the headers that carry `outgoing` to a request, in place of those that it has already. */
export function sendContext(request: UndiciRequest, outgoing: Context): void {
  const injected = replaceHeaders(request, outgoing);
  for (const name in injected) request.addHeader(name, injected[name] ?? '');
}

/**
 * Takes out of a request the headers that carry `outgoing`, so that none goes out twice: a caller that forwards the
 * headers it received sends our parent, not two. A caller's baggage stays beside ours unless it is the same; several
 * baggage headers are one list.
 *
 * undici keeps the headers of every form that it accepts as `[name, value, name, value, …]`.
 *
 * @returns the headers that carry `outgoing`
 */
export function replaceHeaders({ headers }: UndiciRequest, outgoing: Context): Record<string, string> {
  const injected: Record<string, string> = {};
  propagation.inject(outgoing, injected);
  if (!Array.isArray(headers)) return injected;
  const replaced = new Set(Object.keys(injected).map((name) => name.toLowerCase()));
  if (replaced.has('traceparent')) replaced.add('tracestate');
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    const name = String(headers[i]).toLowerCase();
    const isKept = name === 'baggage' && headers[i + 1] !== injected.baggage;
    if (replaced.has(name) && !isKept) headers.splice(i, 2);
  }
  return injected;
}

/** Where the span of a request of undici is kept, on the request. */
export const CLIENT_SPAN: unique symbol = Symbol('tandem.client-span');

/** A request of undici whose span is known. */
export type TracedRequest<Request extends object = object> = Request & {
  readonly upgrade?: string | null;
  [CLIENT_SPAN]?: Span;
};

/**
 * Hears on undici's channels of two ends of a request that instrumentation-undici does not tell apart:
 *
 * - Its caller cancelled it, which is no error by the semantic conventions. The span would look like one that had an
 *   answer, so it says `tandem.request.cancelled`. Callers may give a reason that is no Error.
 * - It became a WebSocket: it was an exchange of HTTP until then, and its span ends. undici says so of the request from
 *   7.30 on; the undici of Node 22 and 24 says so of the WebSocket only, with the address of its socket.
 *
 * Subscribe before those who end the span do: subscribers are called in order.
 */
export class RequestEnds {
  /** Spans of requests that ask for another protocol, by the port of this side. */
  readonly #upgrading = new Map<number, Span>();
  readonly #listeners: readonly (readonly [string, (message: unknown) => void])[] = [
    [
      'undici:request:error',
      (message) => this.#onError(message as { request: TracedRequest; error: unknown }),
    ],
    [
      'undici:client:sendHeaders',
      (message) => this.#onSent(message as { request: TracedRequest; socket: { localPort?: number } }),
    ],
    ['undici:websocket:open', (message) => this.#onOpen(message as { address?: { port?: number } | null })],
  ];

  subscribe(): void {
    for (const [name, listener] of this.#listeners) subscribe(name, listener);
  }

  unsubscribe(): void {
    for (const [name, listener] of this.#listeners) unsubscribe(name, listener);
  }

  #onError({ request, error }: { request: TracedRequest; error: unknown }): void {
    if (isCancellation(error)) request[CLIENT_SPAN]?.setAttribute('tandem.request.cancelled', true);
  }

  #onSent({ request, socket }: { request: TracedRequest; socket: { localPort?: number } }): void {
    const span = request[CLIENT_SPAN];
    if (request.upgrade && span !== undefined && socket.localPort !== undefined)
      this.#upgrading.set(socket.localPort, span);
  }

  #onOpen({ address }: { address?: { port?: number } | null }): void {
    const port = address?.port ?? -1;
    const span = this.#upgrading.get(port);
    this.#upgrading.delete(port);
    if (span?.isRecording()) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, 101).end();
  }
}

/** Whether a request failed because its caller wanted so: undici's own errors are Errors. */
export function isCancellation(reason: unknown): boolean {
  return !isError(reason) || reason.name === 'AbortError';
}
