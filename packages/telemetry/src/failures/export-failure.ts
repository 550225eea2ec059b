import type { IncomingHttpHeaders } from 'node:http';
import { isError } from '../is-error.ts';

/** Why an export failed, in a word that can be counted and compared. */
export type ExportFailureCause =
  | 'unauthorized'
  | 'not-found'
  | 'redirected'
  | 'rejected'
  | 'partly-rejected'
  | 'too-large'
  | 'overloaded'
  | 'timeout'
  | 'unreachable';

/** One failed export: where to, why, and what the answer said. */
export interface ExportFailure {
  /** The full URL that was posted to; redacted only when it is shown. */
  readonly url: string;
  readonly cause: ExportFailureCause;
  /** The HTTP status, when there was an answer. */
  readonly status?: number;
  /** How long the backend asked to wait. */
  readonly retryAfterSeconds?: number;
  /** The backend's or the error's own words: foreign text, redacted only when it is shown. */
  readonly detail?: string;
  /** The size of a single item that was too large. */
  readonly bytes?: number;
}

/** Is told what became of exports. */
export interface FailureReporter {
  /**
   * An export failed.
   *
   * @param lost how many spans or log records will not be sent again; 0 when they are kept for later
   * @param held how many are on disk, and are not sent before somebody has mended what failed; default 0
   */
  report(failure: ExportFailure, lost: number, held?: number): void;
  /** An export to this URL succeeded. */
  recovered(url: string): void;
}

/** The failure that an HTTP answer without success stands for. */
export async function failureOfAnswer(
  url: string,
  status: number,
  headers: IncomingHttpHeaders = {},
  body?: Uint8Array | string,
): Promise<ExportFailure> {
  const retryAfterSeconds = parseRetryAfter(headers['retry-after']);
  const detail = await messageOf(body);
  return {
    url,
    cause: causeOfStatus(status),
    status,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(detail && { detail }),
  };
}

/** The failure that a thrown value stands for: no answer came. Never throws. */
export function failureOfError(url: string, error: unknown): ExportFailure {
  const thrown: Partial<AggregateError & NodeJS.ErrnoException> = isError(error) ? error : {};
  const { name, code, message = String(error), errors } = thrown;
  if (message === '' && errors) return failureOfError(url, errors[0]); // one for ::1, one for 127.0.0.1
  const isLate = code === 'ETIMEDOUT' || name === 'TimeoutError';
  return { url, cause: isLate ? 'timeout' : 'unreachable', detail: String(message || code) };
}

/** What an answer says of whom it refused: not of the items, but of the address or the credentials. */
const MISCONFIGURED: readonly (number | undefined)[] = [401, 403, 404, 405, 407];

/**
 * Whether a person has to mend something before anything is taken there: the address, or the credentials. Log records
 * that are not found are not meant: a backend of traces alone stays one.
 */
export function isMisconfigured({ cause, status }: ExportFailure, signal: 'traces' | 'logs'): boolean {
  if (signal === 'logs' && cause === 'not-found') return false;
  return cause === 'redirected' || MISCONFIGURED.includes(status);
}

/**
 * Seconds from a Retry-After header (RFC 9110 §10.2.3: seconds or a date), never negative; undefined when there is
 * none, or it is neither.
 *
 * @param now milliseconds since the epoch
 */
export function parseRetryAfter(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}

/** Tags of google.rpc.Status, of which one is its first byte in protobuf; as text they are control characters. */
const STATUS_TAGS: readonly (number | undefined)[] = [0x08, 0x12];

/**
 * The sentence in the body of an error answer: google.rpc.Status, Honeycomb's `{"error"}`, OTLP's `{"message"}`, the
 * `detail` or `title` of problem details (RFC 9457), or plain text. Undefined for an empty body and for HTML. It is
 * foreign text: make it safe before it is shown (`logSafeText`).
 */
export async function messageOf(body: Uint8Array | string = ''): Promise<string | undefined> {
  try {
    if (typeof body !== 'string' && STATUS_TAGS.includes(body[0])) {
      const { decodeRpcStatus } = await import('@tandem/otlp/protobuf');
      return decodeRpcStatus(body, 'protobuf').message || undefined;
    }
  } catch {
    // Text after all.
  }
  const text = typeof body === 'string' ? body : Buffer.from(body).toString();
  if (text.trim() === '' || text.trimStart().startsWith('<')) return undefined;
  try {
    const { detail, error, message, title } = JSON.parse(text);
    return [detail, error, message, title].find((part) => typeof part === 'string' && part !== '');
  } catch {
    return text;
  }
}

function causeOfStatus(status: number): ExportFailureCause {
  if (status === 401 || status === 403 || status === 407) return 'unauthorized';
  if (status === 404) return 'not-found';
  if (status === 408) return 'timeout';
  if (status === 413) return 'too-large';
  if (status === 429 || status >= 500) return 'overloaded';
  return status >= 300 && status < 400 ? 'redirected' : 'rejected';
}
