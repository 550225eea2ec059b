import type { IncomingHttpHeaders } from 'node:http';
import { decodeRpcStatus } from '@tandem/otlp/protobuf';

/** Codes of errors of node:http, of the network and of TLS, by what they are. */
const CODES = {
  refused: ['ECONNREFUSED'],
  timeout: ['ETIMEDOUT'],
  dns: ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA'],
  'connection-lost': ['ECONNRESET', 'ECONNABORTED', 'EPIPE'],
  unreachable: ['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ENETDOWN', 'EACCES', 'EPERM'],
  'tls-hostname': ['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH'],
  'tls-expired': ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
  'tls-untrusted': [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'CERT_UNTRUSTED',
    'CERT_REJECTED',
    'CERT_REVOKED',
    'INVALID_CA',
  ],
  'tls-protocol': ['EPROTO'],
  'not-http': [],
  'invalid-header': ['ERR_INVALID_CHAR'],
} as const;

const CAUSE_BY_CODE = new Map<string, NetworkCause>(
  Object.entries(CODES).flatMap(([cause, codes]) =>
    codes.map((code) => [code, cause as NetworkCause] as const),
  ),
);

/** Why no answer came at all; `unknown` when nothing in the error says. */
export type NetworkCause = keyof typeof CODES | 'unknown';

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
  | 'partly-rejected'
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
  /** No further exports come; to be called at shutdown. */
  finish(): void;
}

/** What is read of an HTTP answer. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers?: IncomingHttpHeaders;
  readonly body?: Uint8Array | string | undefined;
}

/** The failure that an HTTP answer without success stands for. */
export function failureOfAnswer(
  url: string,
  { statusCode: status, headers, body }: HttpAnswer,
): ExportFailure {
  const retryAfterSeconds = parseRetryAfter(headers?.['retry-after']);
  const detail = messageOf(body);
  return {
    url,
    cause: causeOfStatus(status),
    status,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(detail && { detail }),
  };
}

/** The failure in an answer of success that took only some of the spans (OTLP 1.x, "Partial Success"). */
export function failureOfPartialSuccess(url: string, detail: string): ExportFailure {
  return { url, cause: 'partly-rejected', ...(detail && { detail }) };
}

/** The failure that a thrown value stands for. Never throws. */
export function failureOfError(
  url: string,
  error: unknown,
): ExportFailure & { readonly cause: NetworkCause } {
  const chain = errorChain(error);
  const coded = chain.find(({ code }) => typeof code === 'string');
  const said = typeof error === 'string' ? error : coded?.message || coded?.code || chain[0]?.message;
  const detail = typeof said === 'string' ? said : '';
  const cause = chain.map(causeOfError).find((each) => each !== undefined) ?? 'unknown';
  return { url, cause, ...(detail && { detail }) };
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
 * foreign text: make it safe before it is shown (see log-safe.ts).
 */
export function messageOf(body: Uint8Array | string = ''): string | undefined {
  if (typeof body !== 'string' && STATUS_TAGS.includes(body[0])) {
    try {
      return decodeRpcStatus(body, 'protobuf').message || undefined;
    } catch {
      // Text after all.
    }
  }
  const text = typeof body === 'string' ? body : Buffer.from(body).toString();
  if (text.trim() === '' || text.trimStart().startsWith('<')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return text;
    const { detail, error, message, title }: Partial<Record<string, unknown>> = { ...parsed };
    return [detail, error, message, title].find((part) => typeof part === 'string' && part !== '') as
      | string
      | undefined;
  } catch {
    return text;
  }
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

function causeOfError({ code, name }: ErrorLike): NetworkCause | undefined {
  if (name === 'TimeoutError') return 'timeout';
  if (typeof code !== 'string') return undefined;
  // OpenSSL's own codes (ERR_SSL_WRONG_VERSION_NUMBER …) and those of the HTTP parser come in families.
  const family = /^ERR_(?:SSL|TLS)_/.test(code)
    ? 'tls-protocol'
    : /^HPE_/.test(code)
      ? 'not-http'
      : undefined;
  return CAUSE_BY_CODE.get(code) ?? family;
}

/** The parts of a thrown value that are read; all are optional, since anything can be thrown. */
interface ErrorLike {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/** Errors that are looked at; chains are longer only when something is broken. */
const MAX_CHAIN = 20;

/** An error, its causes and the errors that it aggregates (one for ::1, one for 127.0.0.1): nearest first, each once. */
function errorChain(error: unknown): ErrorLike[] {
  const chain: ErrorLike[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && chain.length < MAX_CHAIN) {
    const next = waiting.shift();
    if (typeof next !== 'object' || next === null || chain.includes(next)) continue;
    const link: ErrorLike = next;
    chain.push(link);
    waiting.push(link.cause, ...(Array.isArray(link.errors) ? link.errors : []));
  }
  return chain;
}
