import type { NetworkCause } from './network-failure.ts';
import { classifyNetworkError, errorChain } from './network-failure.ts';

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

/** An HTTP answer, as undici (`statusCode`), fetch (`status`) or node:http give it. */
export interface ExportResponse {
  readonly statusCode?: number | undefined;
  readonly status?: number | undefined;
  readonly headers?: Headers | Readonly<Record<string, string | readonly string[] | undefined>> | undefined;
  readonly body?: unknown;
}

/** The `partial_success` of an answer that was 200 all the same (OTLP 1.x, "Partial Success"). */
export interface PartialSuccess {
  readonly partialSuccess: { readonly rejectedSpans?: unknown; readonly errorMessage?: unknown };
}

/**
 * Turns what a failed export left behind into its cause: an error of @opentelemetry/otlp-exporter-base, of
 * node:http or undici, an HTTP answer, or a partial success. Never throws.
 *
 * @param lastResponse the latest answer from that URL, for the exporter's retries: when they are used up, its
 *   error no longer says whether the status was 429, 502, 503 or 504 (see response-watch.ts)
 */
export function classifyExportFailure(
  failure: unknown,
  url: string,
  lastResponse?: ExportResponse,
): ExportFailure {
  if (isPartialSuccess(failure))
    return withDetail({ url, cause: 'partly-rejected' }, failure.partialSuccess.errorMessage);
  if (isResponse(failure)) return fromResponse(failure, url);

  const chain = errorChain(failure);
  for (const { code, data } of chain) {
    // OTLPExporterError: `code` is the HTTP status, `data` the body.
    if (typeof code === 'number' && code >= 100)
      return fromResponse({ statusCode: code, body: data, headers: lastResponse?.headers }, url);
  }
  const message = typeof failure === 'string' ? failure : chain[0]?.message;
  if (message === 'Export failed with retryable status') {
    return lastResponse === undefined ? { url, cause: 'retries-exhausted' } : fromResponse(lastResponse, url);
  }
  if (message === 'Concurrent export limit reached') return { url, cause: 'overloaded' };
  const cause = classifyNetworkError(failure);
  return withDetail({ url, cause }, detailOf(chain) ?? message);
}

function fromResponse(response: ExportResponse, url: string): ExportFailure {
  const status = response.statusCode ?? response.status ?? 0;
  const retryAfterSeconds = parseRetryAfter(headerOf(response, 'retry-after'));
  return withDetail(
    {
      url,
      cause: causeOfStatus(status),
      status,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    },
    messageOf(response.body),
  );
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

/** Seconds from a Retry-After header (RFC 9110 §10.2.3: seconds or a date); undefined when it says nothing. */
export function parseRetryAfter(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}

function headerOf({ headers }: ExportResponse, name: string): string | undefined {
  if (headers === undefined) return undefined;
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

/** The sentence in an error body: Honeycomb's `{"error"}`, OTLP's `{"message"}`, a problem's `detail`, or text. */
export function messageOf(body: unknown): string | undefined {
  const text = body instanceof Uint8Array ? Buffer.from(body).toString() : body;
  if (typeof text !== 'string' || text.trim() === '' || text.trimStart().startsWith('<')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) {
      const { detail, error, message, title }: ErrorBody = parsed;
      return [detail, error, message, title].find(
        (part): part is string => typeof part === 'string' && part !== '',
      );
    }
  } catch {
    // Not JSON: protobuf's google.rpc.Status has its message as plain text between control characters.
  }
  return text;
}

interface ErrorBody {
  readonly detail?: unknown;
  readonly error?: unknown;
  readonly message?: unknown;
  readonly title?: unknown;
}

function detailOf(
  chain: readonly { readonly code?: unknown; readonly message?: unknown }[],
): string | undefined {
  const link = chain.find(({ code, message }) => typeof code === 'string' && typeof message === 'string');
  if (link === undefined) return undefined;
  return link.message === '' || link.message === undefined ? String(link.code) : String(link.message);
}

function withDetail(failure: ExportFailure, detail: unknown): ExportFailure {
  return typeof detail === 'string' && detail !== '' ? { ...failure, detail } : failure;
}

function isResponse(value: unknown): value is ExportResponse {
  if (typeof value !== 'object' || value === null || value instanceof Error) return false;
  const { statusCode, status }: ExportResponse = value;
  return typeof statusCode === 'number' || typeof status === 'number';
}

function isPartialSuccess(value: unknown): value is PartialSuccess {
  return (
    typeof value === 'object' &&
    value !== null &&
    'partialSuccess' in value &&
    typeof value.partialSuccess === 'object' &&
    value.partialSuccess !== null
  );
}
