import type { OTLPExporterError } from '@opentelemetry/otlp-exporter-base';
import { parseJson } from '../../common/primordials.ts';

/** The cause of a failed export, in a word to count and compare. */
export type ExportFailureCause =
  | 'unauthorized'
  | 'not-found'
  /** The backend takes no gzip, or no protobuf. */
  | 'wrong-form'
  /** A backend of traces only has no path for log records. */
  | 'traces-only'
  | 'redirected'
  | 'rejected'
  | 'partly-rejected'
  /** A login page, a proxy or another program answers as if all were well. */
  | 'web-page'
  /** Taken, and the backend has a word for people. */
  | 'warned'
  /** Taken, in words that are none of OTLP. */
  | 'unclear'
  | 'too-large'
  | 'overloaded'
  | 'timeout'
  | 'unreachable';

/** One failed export: the destination, the cause, and the words of the answer. */
export interface ExportFailure {
  /** The full URL of the request, secrets included: redact before you show the URL. */
  readonly url: string;
  readonly cause: ExportFailureCause;
  /** The HTTP status; absent without an answer. */
  readonly status?: number;
  /** Foreign text of the backend or the error: redact before you show the text. */
  readonly detail?: string;
  /** The size of a batch that was too large. */
  readonly bytes?: number;
}

/** The cause of a failure, by the status of its answer. Any other status: `rejected`. */
const CAUSES: Readonly<Record<number, ExportFailureCause>> = {
  401: 'unauthorized',
  403: 'unauthorized',
  404: 'not-found',
  405: 'not-found',
  407: 'unauthorized',
  408: 'timeout',
  413: 'too-large',
  415: 'wrong-form',
  429: 'overloaded',
};

/** The base URL names the path of a signal, so a signal's path is there twice, and no backend takes anything. */
const PATH_TWICE = /\/v1\/(?:traces|logs|metrics)\/v1\/logs$/;

function causeOfStatus(status: number): ExportFailureCause {
  if (status >= 500) return 'overloaded';
  return status >= 300 && status < 400 ? 'redirected' : (CAUSES[status] ?? 'rejected');
}

/**
 * The failure of an export, by the error of the official exporter. The error has status and body of an answer, except for
 * the answers after which the exporter repeats a request (429, 502, 503, 504). Never throws.
 */
export function failureOfExport(url: string, error: unknown, signal: string): ExportFailure {
  const { name, code: status, data = '' }: Partial<OTLPExporterError> = Object(error);
  // By its name: to load its class is to load the exporters, which who checks a key does not need.
  if (name !== 'OTLPExporterError') return failureOfError(url, error);
  if (status === undefined) return { url, cause: 'overloaded' };
  const detail = messageOf(data);
  const found = causeOfStatus(status);
  const isTracesOnly = signal === 'logs' && found === 'not-found' && !PATH_TWICE.test(url);
  const cause = isTracesOnly ? 'traces-only' : found;
  return { url, cause, status, ...(detail && { detail }) };
}

/** The failure of a request without an answer. Never throws. */
export function failureOfError(url: string, error: unknown): ExportFailure {
  const thrown: Partial<AggregateError & NodeJS.ErrnoException> = Object(error);
  const { name, code, message = String(error), errors } = thrown;
  if (message === '' && errors) return failureOfError(url, errors[0]); // errors for ::1 and for 127.0.0.1
  // The official exporter's own error has only a message.
  const isLate = code === 'ETIMEDOUT' || name === 'TimeoutError' || message === 'Request timed out';
  return { url, cause: isLate ? 'timeout' : 'unreachable', detail: String(message || code) };
}

/**
 * The sentence in the body of an error answer: google.rpc.Status, Honeycomb's `{"error"}`, OTLP's `{"message"}`, the
 * `detail` or `title` of problem details (RFC 9457), or plain text. Undefined for an empty body and for HTML. The
 * sentence is foreign text: call `logSafeText` before you show the sentence.
 */
export function messageOf(body: string): string | undefined {
  const text = withoutStatusFields(body);
  try {
    const { detail, error, message, title } = parseJson(text);
    return [detail, error, message, title].find((part) => typeof part === 'string' && part !== '');
  } catch {
    return text.trim() === '' || text.trimStart().startsWith('<') ? undefined : text;
  }
}

/** A google.rpc.Status in protobuf, read as text, without code (tag 8), tag (18) and length of the message. */
function withoutStatusFields(text: string): string {
  const start = text.charCodeAt(0) === 8 ? 2 : 0;
  if (text.charCodeAt(start) !== 18) return text;
  const isLong = text.charCodeAt(start + 2) === 1; // the length has a second byte
  return text.slice(start + (isLong ? 3 : 2));
}
