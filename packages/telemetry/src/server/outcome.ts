import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { errorType, hasFailed, recordFailure, setFailed } from '../spans/record-failure.ts';
import type { RequestTrace } from './server-span.ts';

/**
 * `error.type` of a response that was cut off. The semantic conventions ask for Error and `error.type` after an incomplete
 * response.
 */
const CLIENT_DISCONNECTED = 'client_disconnected';
const RESPONSE_DESTROYED = 'response_destroyed';
const TIMEOUT = 'timeout';

/** Connections that ran into the server's timeout. Node closes these connections without an error. */
const idle = new WeakSet<Socket>();

/** Notes which connections of a server ran out of time. */
export function watchTimeouts(server: Pick<Server, 'on'>): void {
  server.on('connection', (socket) => socket.once('timeout', () => idle.add(socket)));
}

/** Writes the outcome of a request to its span: status code, and errors by the semantic conventions. */
export function recordOutcome(trace: RequestTrace, response: ServerResponse): void {
  const { span, error, errorTime } = trace;
  const status = response.statusCode;
  if (response.headersSent) span.setAttribute('http.response.status_code', status);
  if (!isComplete(trace, response)) recordCutOff(trace, response);
  else if (status >= 500 && errorTime !== undefined) recordFailure(span, error, errorTime);
  else if (status >= 500) setFailed(span, String(status)); // the status code is enough of a description
}

function recordCutOff(trace: RequestTrace, response: ServerResponse): void {
  const { span, body } = trace;
  span.setAttribute('tandem.response.cut_off', response.headersSent ? 'in_body' : 'before_headers');
  if (body?.errored) {
    recordFailure(span, body.errored);
    return;
  }
  const { socket } = trace.raw;
  const failure: NodeJS.ErrnoException | null = socket.errored ?? null;
  if (idle.has(socket) || failure?.code === 'ERR_HTTP_REQUEST_TIMEOUT')
    setFailed(span, TIMEOUT, failure?.message ?? 'the connection was idle for too long');
  else if (isClosedByClient(trace)) setFailed(span, CLIENT_DISCONNECTED, 'the client closed the connection');
  else if (failure !== null) setFailed(span, errorType(failure), failure.message);
  // An uncaught error, after which the process cuts its connections, says more.
  else if (!hasFailed(span)) setFailed(span, RESPONSE_DESTROYED, 'the server closed the connection');
}

/**
 * Whether the response was sent in full. `writableFinished` is true for a cut-off HTTP/2 response, and is false for a
 * response to `app.inject`, which has no socket.
 */
function isComplete({ raw }: RequestTrace, response: ServerResponse): boolean {
  if (raw.httpVersionMajor === 2 || 'isLightMyRequest' in response) return response.writableEnded;
  return response.writableFinished;
}

/** Errors of a socket after the client has gone. Other errors come from the server: timeouts, bytes that are not HTTP. */
const GONE: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'HPE_INVALID_EOF_STATE']);

function isClosedByClient({ raw }: RequestTrace): boolean {
  if (raw.httpVersionMajor === 2) return raw.aborted;
  const { errored, readableEnded } = raw.socket;
  return errored == null ? readableEnded : GONE.has(errorType(errored));
}
