import { setFailed } from '../api/failures.ts';
import type { OpenRequest } from '../beside/other-tracers.ts';
import type { RequestLine } from '../http/client-request.ts';
import type { CallSocket } from '../http/connecting.ts';
import { Call } from '../http/connecting.ts';
import { recordRequestFailure } from '../http/request-failure.ts';
import { forgetBody, watchBody } from '../http/unread-bodies.ts';
import { handlerOf } from './handler.ts';

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
  answered(response: { readonly headers?: unknown }): void {
    this.headersAt = performance.now();
    this.#headers = response.headers;
    if (this.socket?.alpnProtocol !== 'h2') watchBody(this); // streams of HTTP/2 share one connection
  }

  /** The body has ended. Ends the span, once. undici keeps a request for long, which must not keep the span. */
  end(request: CalledRequest, time?: number): void {
    request[CALL] = undefined;
    forgetBody(this);
    if (this.span.isRecording()) {
      this.writeParts(time ?? performance.now());
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
    const headers = Array.isArray(this.#headers) ? this.#headers.map(String) : [];
    const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-length');
    return at === -1 ? Number.POSITIVE_INFINITY : Number(headers[at + 1]);
  }
}

/**
 * The error that `fetch` makes when its caller gives up before there is a connection. It does not say whether a time limit
 * or a cancellation was the reason. It counts as a failure, because a cancellation seldom comes that early.
 */
const NO_REASON = 'The operation was aborted.';
