import type { IncomingHttpHeaders } from 'node:http';
import { messageOf } from './answer-message.ts';
import type { ErrorLike, NetworkCause } from './network-failure.ts';
import { classifyNetworkError, errorChain } from './network-failure.ts';
import { parseRetryAfter } from './retry-after.ts';

/** Why an export failed, in a word that can be counted and compared. */
export type ExportFailureCause =
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'too-large'
  | 'rate-limited'
  | 'server-error'
  | 'rejected'
  | 'redirected'
  | 'retries-exhausted'
  | 'partly-rejected'
  | 'overloaded'
  | NetworkCause;

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
}

/** What is read of an HTTP answer. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers?: IncomingHttpHeaders;
  readonly body?: unknown;
}

/** The failure that an HTTP answer without success stands for. */
export function failureOfAnswer(url: string, { statusCode, headers, body }: HttpAnswer): ExportFailure {
  const retryAfterSeconds = parseRetryAfter(headers?.['retry-after']);
  return withDetail(
    {
      url,
      cause: causeOfStatus(statusCode),
      status: statusCode,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    },
    messageOf(body),
  );
}

/** The failure in an answer of success that took only some of the spans (OTLP 1.x, "Partial Success"). */
export function failureOfPartialSuccess(url: string, errorMessage: string): ExportFailure {
  return withDetail({ url, cause: 'partly-rejected' }, errorMessage);
}

/** The failure that a thrown value stands for: an error of node:http or of OpenTelemetry's OTLP exporter. Never throws. */
export function failureOfError(url: string, error: unknown): ExportFailure {
  const chain = errorChain(error);
  for (const { code, data } of chain) {
    // OTLPExporterError: `code` is the HTTP status, `data` the body.
    if (typeof code === 'number' && code >= 100)
      return failureOfAnswer(url, { statusCode: code, body: data });
  }
  const message = typeof error === 'string' ? error : chain[0]?.message;
  // The OTLP exporter's own messages: its last attempt was 429, 502, 503 or 504, and it does not say which.
  if (message === 'Export failed with retryable status') return { url, cause: 'retries-exhausted' };
  if (message === 'Concurrent export limit reached') return { url, cause: 'overloaded' };
  return withDetail({ url, cause: classifyNetworkError(error) }, codedMessageOf(chain) ?? message);
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

function causeOfStatus(status: number): ExportFailureCause {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 408) return 'timeout';
  if (status === 413) return 'too-large';
  if (status === 429) return 'rate-limited';
  if (status >= 500) return 'server-error';
  if (status >= 400) return 'rejected';
  return status >= 300 ? 'redirected' : 'unknown';
}

/** The message of the first error in the chain that has a code: the one nearest to the network. */
function codedMessageOf(chain: readonly ErrorLike[]): string | undefined {
  const link = chain.find(({ code, message }) => typeof code === 'string' && typeof message === 'string');
  if (link === undefined) return undefined;
  return link.message === '' || link.message === undefined ? String(link.code) : String(link.message);
}

function withDetail(failure: ExportFailure, detail: unknown): ExportFailure {
  return typeof detail === 'string' && detail !== '' ? { ...failure, detail } : failure;
}
