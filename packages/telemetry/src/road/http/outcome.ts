import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ATTR_RESPONSE_CUT_OFF } from '../../attributes.ts';
import { errorType, hasFailed, recordFailure, setFailed } from '../../common/failures.ts';
import type { RequestTrace } from './server-span.ts';

/** `error.type` of a response that was cut off. */
const CLIENT_DISCONNECTED = 'client_disconnected';
const RESPONSE_DESTROYED = 'response_destroyed';
const TIMEOUT = 'timeout';

/** Codes with which a stream of HTTP/2 ends (RFC 9113, 7). A stream whose connection has gone has the second, too. */
const NO_ERROR = 0;
const CANCEL = 8;

/** Connections that ran into the server's timeout. Node closes these connections without an error. */
const idle = new WeakSet<Socket>();

/** Notes which connections of a server ran out of time. */
export function watchTimeouts(server: Pick<Server, 'on'>): void {
  server.on('connection', (socket) => socket.once('timeout', () => idle.add(socket)));
}

/**
 * Writes the outcome of a request to its span: status code, and errors by the semantic conventions. A client that leaves is
 * not an error of the server: the span has no status then. A reader who leaves a stream without a length has got what the
 * reader wanted. A body with a length, or an answer that had not begun, was cut: `error.type` says so.
 *
 * @returns whether the client left before the answer began
 */
export function recordOutcome(trace: RequestTrace, response: ServerResponse): boolean {
  const { span, error, errorTime } = trace;
  const status = response.statusCode;
  if (response.headersSent) span.setAttribute('http.response.status_code', status);
  if (!isComplete(trace, response)) {
    span.setAttribute(ATTR_RESPONSE_CUT_OFF, response.headersSent ? 'in_body' : 'before_headers');
    if (!isClosedByClient(trace)) {
      recordCutOff(trace);
      return false;
    }
    if (!isOpenStream(trace, response)) span.setAttribute('error.type', CLIENT_DISCONNECTED);
    if (!response.headersSent) return true;
  }
  if (status >= 500 && errorTime !== undefined) recordFailure(span, error, errorTime);
  else if (status >= 500) setFailed(span, String(status)); // the status code is enough of a description
  return false;
}

/** Records why this side has cut a response off. */
function recordCutOff({ span, body, socket }: RequestTrace): void {
  const failure: NodeJS.ErrnoException | null = socket.errored ?? null;
  if (body?.errored) recordFailure(span, body.errored);
  else if (hasTimedOut(socket))
    setFailed(span, TIMEOUT, failure?.message ?? 'the connection was idle for too long');
  else if (failure !== null) setFailed(span, errorType(failure), failure.message);
  // After an uncaught error, the process cuts its connections. The span has the error already, which says more.
  else if (!hasFailed(span)) setFailed(span, RESPONSE_DESTROYED, 'the server closed the connection');
}

function hasTimedOut(socket: Socket): boolean {
  return idle.has(socket) || Object(socket.errored).code === 'ERR_HTTP_REQUEST_TIMEOUT';
}

/**
 * Whether the response was sent in full. `writableFinished` is false for a response to `app.inject`, which has no socket. A
 * stream of HTTP/2 that its server had not ended is `aborted`. Node 22 also calls an ended response finished when its client
 * left before the last byte.
 */
function isComplete({ stream, socket }: RequestTrace, response: ServerResponse): boolean {
  if ('isLightMyRequest' in response) return response.writableEnded;
  if (stream === undefined) return response.writableFinished && !hasGone(socket);
  return !stream.aborted && stream.rstCode === NO_ERROR;
}

/** Errors of a socket after the client has gone. Other errors come from the server: timeouts, bytes that are not HTTP. */
const GONE: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'HPE_INVALID_EOF_STATE']);

function hasGone({ errored }: Socket): boolean {
  return errored != null && GONE.has(errorType(errored));
}

/** Whether the client left first. A body that fails afterwards, because its source was cancelled, changes nothing. */
function isClosedByClient({ stream, socket }: RequestTrace): boolean {
  if (hasTimedOut(socket)) return false;
  if (socket.errored != null) return hasGone(socket);
  // A client that closes a stream without a code ends it. A stream that this side destroys never finishes.
  return stream === undefined ? socket.readableEnded : stream.rstCode === CANCEL || stream.writableFinished;
}

/** Whether a response is a stream without a length, which had not ended. `getHeader` knows nothing after `writeHead`. */
function isOpenStream({ stream }: RequestTrace, response: ServerResponse): boolean {
  if (!response.headersSent) return false;
  if (stream === undefined) return response.chunkedEncoding && !response.writableEnded;
  return stream.aborted && !('content-length' in (stream.sentHeaders ?? {}));
}
