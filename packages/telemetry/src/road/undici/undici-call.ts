import type { Context } from '@opentelemetry/api';
import { propagation } from '@opentelemetry/api';
import type { OpenRequest } from '../../beside/other-tracers.ts';
import { leaveToLater, removeHeaders } from '../../beside/other-tracers.ts';
import { setFailed } from '../../common/failures.ts';
import { monotonicNow } from '../../common/primordials.ts';
import type { CallSocket } from '../http/call.ts';
import { Call } from '../http/call.ts';
import type { RequestLine } from '../http/client-request.ts';
import { contextInHeaders, recordBodySize } from '../http/client-request.ts';
import { recordRequestFailure } from '../http/request-failure.ts';
import { forgetBody, watchBody } from '../http/unread-bodies.ts';

/** Adds the headers that carry `outgoing` to a request, in place of forwarded headers. */
export function sendContext(request: OpenRequest, outgoing: Context): void {
  const injected = headersOf(outgoing);
  removeReplaced(request, injected);
  for (const name in injected) request.addHeader(name, injected[name] ?? '');
  if ('traceparent' in injected) leaveToLater(request);
}

/** Removes the context headers that a caller forwards, where somebody else adds those that carry `outgoing`. */
export function removeForwarded(request: OpenRequest, outgoing: Context): void {
  if (isForwarding(request)) removeReplaced(request, headersOf(outgoing));
}

function headersOf(outgoing: Context): Record<string, string> {
  const injected: Record<string, string> = {};
  propagation.inject(outgoing, injected);
  return injected;
}

/**
 * Removes from a request what injected headers replace. A caller's baggage stays beside ours unless both are the same, because
 * several baggage headers are one list.
 */
function removeReplaced({ headers }: OpenRequest, injected: Readonly<Record<string, string>>): void {
  removeHeaders(headers, (name, value) => {
    const isReplaced = Object.hasOwn(injected, name === 'tracestate' ? 'traceparent' : name);
    return isReplaced && (name !== 'baggage' || value === injected.baggage);
  });
}

/** Whether a caller forwards headers of a context. undici keeps headers as `[name, value, name, value, …]`. */
function isForwarding({ headers }: OpenRequest): boolean {
  if (!Array.isArray(headers)) return false;
  const fields = propagation.fields();
  return headers.some((name, at) => at % 2 === 0 && fields.includes(String(name).toLowerCase()));
}

/** See `contextInHeaders`. undici keeps headers as `[name, value, name, value, …]`. */
export function contextInRequest(active: Context, { headers }: OpenRequest): Context | undefined {
  const list: readonly unknown[] = Array.isArray(headers) ? headers : [];
  return contextInHeaders(active, (name) => {
    const values = list.filter((_, at) => at % 2 === 1 && isNamed(list[at - 1], name));
    return values.length === 0 ? undefined : values.join();
  });
}

function isNamed(header: unknown, name: string): boolean {
  return Object(header).length === name.length && String(header).toLowerCase() === name;
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
  readonly body?: unknown;
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
  #isBodySent = false;

  override sent(socket: CallSocket): void {
    super.sent(socket);
    this.socket = socket;
    this.#bytesBefore = socket.bytesRead;
  }

  /** undici has written the whole body of the request. */
  bodySent(): void {
    this.#isBodySent = true;
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
  }

  /** The request has failed. Records the failure, and ends the span. */
  fail(request: CalledRequest, error: unknown): void {
    const { reason } = Object(handlerOf(request));
    if (this.socket === undefined && Object(error).message === NO_REASON)
      setFailed(this.span, 'AbortError', 'its caller gave up before there was a connection');
    else {
      const upload = this.#isBodySent ? undefined : uploadOf(request, error);
      recordRequestFailure(this.span, { error, reason, socket: this.socket, upload });
    }
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
      if (isNamed(headers[at], LENGTH)) return Number(headers[at + 1]);
    return Number.POSITIVE_INFINITY;
  }
}

/** What is known of a body that is not sent whole, of a request that ends with an error. */
function uploadOf({ body }: CalledRequest, error: unknown) {
  if (body == null) return undefined;
  return Object(body).errored === error ? 'failed' : 'unfinished';
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
