import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context, Span } from '@opentelemetry/api';
import { recordOutcome } from './outcome.ts';

/** The tracing of one request: its span, its context, and what went wrong so far. */
export class RequestTrace {
  readonly span: Span;
  /** Active in everything that handles this request. */
  readonly context: Context;
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
  error: unknown;
  /** `performance.now()` when `error` was thrown; undefined when nothing was. */
  errorTime: number | undefined;
  /** The stream that is sent as the body. */
  body: { readonly errored?: Error | null } | undefined;
  /** Whether the connection was idle for longer than the server allows. */
  timedOut = false;
  /** Whether the first hook has made the context active; before, only log lines know of the span. */
  isEntered = false;
  #ended = false;

  constructor(span: Span, context: Context, raw: IncomingMessage, response: ServerResponse) {
    this.span = span;
    this.context = context;
    this.raw = raw;
    this.response = response;
  }

  /** Keeps what a hook or handler threw until the status is known: only a 5xx makes it an exception event. */
  keepError(error: unknown): void {
    this.error = error;
    this.errorTime = performance.now();
  }

  /** Ends the span with what the response says by now. Later calls do nothing. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    recordOutcome(this);
    this.span.end();
  }
}
