import type { Span } from '@opentelemetry/api';
import { SpanStatusCode } from '@opentelemetry/api';
import { errorType } from '../record-failure.ts';
import type { RequestTrace } from './request-trace.ts';

/**
 * `error.type` of responses that were cut off. The semantic conventions ask for Error and `error.type` when the
 * client or the server could not send a response fully.
 */
const CLIENT_DISCONNECTED = 'client_disconnected';
const RESPONSE_DESTROYED = 'response_destroyed';
const TIMEOUT = 'timeout';

/** Writes how a request ended to its span: status code, and what the semantic conventions call an error. */
export function recordOutcome(trace: RequestTrace): void {
  const { span, response } = trace;
  const status = response.statusCode;
  if (response.headersSent) span.setAttribute('http.response.status_code', status);
  if (!isComplete(response)) recordCutOff(trace);
  else if (status >= 500) recordServerError(trace, status);
}

function recordServerError({ span, error, errorTime }: RequestTrace, status: number): void {
  if (errorTime === undefined) {
    // Without a description: the status code says it all.
    span.setAttribute('error.type', String(status));
    span.setStatus({ code: SpanStatusCode.ERROR });
    return;
  }
  recordException(span, error, errorTime);
}

function recordCutOff(trace: RequestTrace): void {
  const { span, response, body } = trace;
  span.setAttribute('tandem.response.cut_off', response.headersSent ? 'in_body' : 'before_headers');
  if (body?.errored) {
    recordException(span, body.errored, undefined);
    return;
  }
  if (trace.timedOut) setError(span, TIMEOUT, 'the connection timed out');
  else if (isClosedByClient(trace)) setError(span, CLIENT_DISCONNECTED, 'the client closed the connection');
  else setError(span, RESPONSE_DESTROYED, 'the server closed the connection');
}

function recordException(span: Span, thrown: unknown, time: number | undefined): void {
  const exception = thrown instanceof Error ? thrown : new Error(String(thrown));
  span.recordException(exception, time);
  setError(span, errorType(thrown), exception.message);
}

function setError(span: Span, type: string, message: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** HTTP/2 responses have no `writableFinished`. */
function isComplete(response: RequestTrace['response']): boolean {
  return response.writableFinished ?? response.writableEnded;
}

/** An HTTP/1 connection closed by this side has neither been ended by the other side nor failed. */
function isClosedByClient({ raw }: RequestTrace): boolean {
  if (raw.httpVersionMajor === 2) return raw.aborted;
  return raw.socket.readableEnded || raw.socket.errored != null;
}
