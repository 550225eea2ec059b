import type { Socket } from 'node:net';
import type { Span } from '@opentelemetry/api';
import { ATTR_REQUEST_CUT_OFF } from '../../attributes.ts';
import { isError, recordFailure, setFailed } from '../../common/failures.ts';

/** What is known of a request of a client that ended without its whole answer. */
export interface Ended {
  readonly error: unknown;
  /** The connection of the request, if it had one. */
  readonly socket?: Socket | null | undefined;
  /** Whether the connection was silent for as long as the caller allowed. */
  readonly isOverdue?: boolean;
  /** The reason that undici's handler has; null without any, undefined where the handler is hidden. */
  readonly reason?: unknown;
  /** Of a body that its caller had not written whole: whether the error is known to be that of the body's source. */
  readonly upload?: 'failed' | 'unfinished' | undefined;
}

/** `error.type` of a request whose caller gave up at its time limit, without an error that says so. */
const TIMEOUT = 'timeout';
/**
 * undici's own words once its caller leaves; only the handler of `undici.request` has the caller's reason. Other words say why
 * undici itself aborts a request: a limit, a proxy.
 */
const ABORTED = 'Request aborted';

/** Records the failure of a traced request. A caller's cancellation is not a failure, and a time limit of the caller is one. */
export function recordRequestFailure(span: Span | undefined, ended: Ended): void {
  const isAborted = Object(ended.error).message === ABORTED;
  const error = isAborted ? (ended.reason ?? ended.error) : ended.error;
  if (span === undefined || !isError(error)) return;
  const late = timeoutIn(error, ended);
  if (late !== undefined) recordFailure(span, late);
  else if (ended.isOverdue && isDestroyed(error)) setOverdue(span, error);
  else if (!isCancellation(error, ended)) {
    if (ended.upload !== undefined) span.setAttribute(ATTR_REQUEST_CUT_OFF, 'in_body');
    recordFailure(span, error);
  }
}

/** Marks a request as failed whose connection was silent for as long as its caller allowed. */
export function setOverdue(span: Span, error?: NodeJS.ErrnoException | null): void {
  // Node's own error says nothing but that the request was destroyed.
  const own = error?.code === undefined ? error : undefined;
  if (own != null) recordFailure(span, own);
  setFailed(
    span,
    TIMEOUT,
    own == null ? 'nothing arrived within the time limit' : `timed out: ${own.message}`,
  );
}

/**
 * Whether a caller has given a request up: with an `AbortError`, with axios' `ERR_CANCELED`, with `request.destroy()`, which
 * Node reports as a lost connection, or with an error of its own, which has no code. After the last two, the connection has
 * neither ended nor failed, or there is none yet: a connection that cannot be made has a code. Such an error within an upload
 * is that of the body's source, unless it is the reason that the caller has given.
 */
function isCancellation(error: NodeJS.ErrnoException, { socket, reason, upload }: Ended): boolean {
  const { name, code, message } = error;
  if (name === 'HTTPParserError') return false;
  if (code === 'UND_ERR_ABORTED') return message === ABORTED;
  if (name === 'AbortError' || code === 'ERR_CANCELED') return true;
  if (upload === 'failed' || !isDestroyed(error)) return false;
  if (code === undefined && reason === null) return false; // what failed was the caller's body, or the whole client
  if (code === undefined && upload === 'unfinished' && error !== reason) return false;
  return socket == null || (!socket.readableEnded && !hasFailed(socket));
}

/** Whether an error may be of `destroy()`: of Node, which speaks of a lost connection, or of the caller, without a code. */
function isDestroyed({ code, syscall }: NodeJS.ErrnoException): boolean {
  return code === undefined || (code === 'ECONNRESET' && syscall === undefined);
}

/** Whether a connection has failed by itself. One that is destroyed during TLS's handshake cancels what it was about to write. */
function hasFailed({ errored }: Socket): boolean {
  return errored != null && !isDestroyed(errored) && (errored as NodeJS.ErrnoException).code !== 'ECANCELED';
}

/** Errors are looked through up to this many causes. */
const MOST_CAUSES = 5;

/** The error that names a time limit: the error itself, the handler's reason, the connection's error, or a cause of these. */
function timeoutIn(error: Error, { reason, socket }: Ended): Error | undefined {
  for (let each of [error, reason, socket?.errored])
    for (let step = 0; step <= MOST_CAUSES && isError(each); step++, each = each.cause)
      if (isTimeout(each)) return each;
  return undefined;
}

function isTimeout({ name, code }: NodeJS.ErrnoException): boolean {
  return code === 'ETIMEDOUT' || code === 'ESOCKETTIMEDOUT' || /timeout/i.test(name);
}
