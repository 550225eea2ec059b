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

/** What comes of a request that was answered: `retry` is kept and sent again later, `too-large` is sent in halves, `refused` is lost. */
export type Fate = 'retry' | 'too-large' | 'refused';

/** What an answer means, by its status. Everything that decides by a status, or tells of one, asks this table. */
const STATUSES: Readonly<Record<number, readonly [cause: ExportFailureCause, fate: Fate]>> = {
  // A wrong key, path, proxy or compression: kept until a person mends the setting.
  401: ['unauthorized', 'retry'],
  403: ['unauthorized', 'retry'],
  404: ['not-found', 'retry'],
  405: ['not-found', 'retry'],
  407: ['unauthorized', 'retry'],
  415: ['wrong-form', 'retry'],
  408: ['timeout', 'retry'],
  413: ['too-large', 'too-large'],
  429: ['overloaded', 'retry'],
  501: ['rejected', 'refused'],
  505: ['rejected', 'refused'],
};
const REDIRECTED = ['redirected', 'retry'] as const;
/** OTLP repeats 502, 503 and 504 alone. A broken server, or a proxy before it (520 to 530), may take the items later. */
const BROKEN = ['overloaded', 'retry'] as const;
const REJECTED = ['rejected', 'refused'] as const;

function meaningOf(status: number): readonly [cause: ExportFailureCause, fate: Fate] {
  return STATUSES[status] ?? (status >= 500 ? BROKEN : status >= 300 && status < 400 ? REDIRECTED : REJECTED);
}

/** What comes of a request whose answer is not a success; of one without an answer, `undefined`. */
export function fateOf(status: number | undefined): Fate {
  return status === undefined ? 'retry' : meaningOf(status)[1];
}

/** Whether an answer may be for what one request contains: a firewall's 403, a server that fails at one batch. */
export function isOfOneRequest({ status = 0 }: Pick<ExportFailure, 'status'>): boolean {
  return status === 403 || status >= 500;
}

/** The base URL names the path of a signal, so a signal's path is there twice, and no backend takes anything. */
const PATH_TWICE = /\/v1\/(?:traces|logs|metrics)\/v1\/logs$/;

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
  const [found] = meaningOf(status);
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
