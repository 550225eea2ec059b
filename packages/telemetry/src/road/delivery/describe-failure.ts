import { HONEYCOMB_EU } from '../../process/secrets/honeycomb.ts';
import { logSafeText, logSafeUrl } from '../../process/secrets/secrets.ts';
import type { ExportFailure, ExportFailureCause } from './export-failure.ts';

/** Words for the items of a signal in messages. */
export interface SignalName {
  readonly name: 'traces' | 'logs' | 'metrics';
  /** Singular; plural at the start of a sentence, and within a sentence. */
  readonly item: string;
  readonly Items: string;
  readonly items: string;
}

export const SPAN_WORDS: SignalName = { name: 'traces', item: 'span', Items: 'Spans', items: 'spans' };

export interface DescribeOptions {
  /** Values that must not show, even when a backend echoes the values: the API keys in use. */
  readonly secrets?: readonly string[];
  /** The unsent items; default spans. */
  readonly signal?: SignalName;
  /** Advice by cause, in place of the advice about telemetry's settings. */
  readonly todos?: Readonly<Partial<Record<ExportFailureCause, string>>>;
}

/** Explains in short sentences, for one line, why an export failed, or what its answer warns of, and what to mend. */
export function explainExportFailure(
  failure: ExportFailure,
  { secrets = [], signal = SPAN_WORDS, todos = {} }: DescribeOptions = {},
): { readonly what: string; readonly todo: string } {
  const { url, cause, status, detail, bytes } = failure;
  const [reason, todo] = WORDS[cause];
  const answer = status === undefined ? '' : `${status}, `;
  const size = bytes === undefined ? '' : ` (${bytes} bytes)`;
  const said = detail === undefined ? '' : ` ("${logSafeText(detail, secrets)}")`;
  const place = logSafeUrl(url, secrets);
  const isTaken = cause === 'warned' || cause === 'unclear';
  return {
    what: isTaken
      ? `${place} ${reason}${said}.`
      : `${signal.Items} did not reach ${place}: ${answer}${reason}${size}${said}.`,
    todo: todos[cause] ?? todo,
  };
}

/** A reason, printed behind the status of an answer, and a sentence for the operator. */
type Words = readonly [reason: string, todo: string];

const ENDPOINT_RULE =
  'OTEL_EXPORTER_OTLP_ENDPOINT is a base URL, without /v1/traces; OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is the whole URL.';

const WORDS: Readonly<Record<ExportFailureCause, Words>> = {
  unauthorized: [
    'it refused the key',
    `Check HONEYCOMB_API_KEY or OTEL_EXPORTER_OTLP_HEADERS. A key of Honeycomb's EU region needs HONEYCOMB_API_ENDPOINT=${HONEYCOMB_EU}.`,
  ],
  'not-found': ['nothing receives OTLP at this path', ENDPOINT_RULE],
  'wrong-form': [
    'the backend does not take requests in this form',
    'If it takes no gzip, set OTEL_EXPORTER_OTLP_COMPRESSION=none. Otherwise name an OTLP/HTTP receiver of protobuf.',
  ],
  'traces-only': [
    'it takes no log records',
    'OTEL_LOGS_EXPORTER=none stops log records, for a backend of traces only.',
  ],
  redirected: [
    'redirected to another address, which telemetry does not follow',
    'Set the endpoint to the final address (often https:// for http://).',
  ],
  rejected: ['it did not understand the request', `Name an OTLP/HTTP receiver of protobuf. ${ENDPOINT_RULE}`],
  'partly-rejected': ['it rejected part of the batch', 'The rest arrived.'],
  'web-page': [
    'a web page answers there, as a login or a proxy does',
    `Name the address of an OTLP/HTTP receiver, and the headers that it asks for (OTEL_EXPORTER_OTLP_HEADERS). ${ENDPOINT_RULE}`,
  ],
  warned: ['took all, with a warning', 'Nothing was rejected.'],
  unclear: [
    'answers that all is well, but not as OTLP does',
    'What is sent there counts as taken. Look there whether it arrives.',
  ],
  'too-large': [
    'larger than the backend takes even one by one, and lost',
    'Shorten attributes (OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT), or raise the limit there.',
  ],
  overloaded: [
    'the backend takes no more at the moment',
    'See its log or its status page. If it has a limit, raise the limit or send fewer spans (OTEL_TRACES_SAMPLER=parentbased_traceidratio).',
  ],
  timeout: [
    'no answer in time',
    'Is the backend overloaded, or a firewall in between? OTEL_EXPORTER_OTLP_TIMEOUT (milliseconds) gives it longer.',
  ],
  unreachable: [
    'no connection',
    'Is an OTLP/HTTP receiver running there (usually on port 4318; 4317 is for gRPC)? Check the name, http:// or https://, the certificate (OTEL_EXPORTER_OTLP_CERTIFICATE) and firewalls.',
  ],
};
