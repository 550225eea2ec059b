import type { SignalName } from '../export/signal.ts';
import { SPANS } from '../export/signal.ts';
import type { ExportFailure, ExportFailureCause } from '../failures/export-failure.ts';
import { proxyNote } from '../failures/proxy.ts';
import { HONEYCOMB_EU, HONEYCOMB_US } from '../honeycomb/endpoint.ts';
import { logSafeText, logSafeUrl } from '../secrets.ts';

/**
 * Commands of the host that warnings may name. Without them, warnings say in general words what to do.
 *
 * @example
 * ```ts
 * startTelemetry({ advice: { checkKey: 'npm run check-key', startReceiver: 'docker compose up collector' } });
 * ```
 */
export interface Advice {
  /** Says what is wrong with Honeycomb's key. */
  readonly checkKey?: string;
  /** Starts the trace explorer, or another OTLP receiver, on this machine. */
  readonly startReceiver?: string;
}

/** What a description of a failure may say, and what not. */
export interface DescribeOptions {
  /** Values that must not show, whatever a backend echoes: the API keys in use. */
  readonly secrets?: readonly string[];
  readonly advice?: Advice;
  /** What could not be sent; default spans. */
  readonly signal?: SignalName;
}

/** Says in plain words why an export failed and what to do about it; two or three short sentences, one line. */
export function describeExportFailure(failure: ExportFailure, options: DescribeOptions = {}): string {
  const { what, todo } = explainExportFailure(failure, options);
  return `${what} ${todo}`;
}

/** The same in two parts: why an export failed, and what to do about it. */
export function explainExportFailure(
  failure: ExportFailure,
  { secrets = [], advice = {}, signal = SPANS }: DescribeOptions = {},
): { readonly what: string; readonly todo: string } {
  const words = WORDS[failure.cause];
  const { status, detail } = failure;
  const [what, todo] =
    typeof words === 'function' ? words({ ...failure, ...placeOf(failure.url), advice, signal }) : words;
  const answer = status === undefined ? '' : `${status}, `;
  const said = detail === undefined ? '' : ` ("${logSafeText(detail, secrets)}")`;
  const place = logSafeUrl(failure.url, secrets);
  return {
    what: `${signal.Items} could not be sent to ${place}: ${answer}${what}${said}.${proxyNote(failure.url)}`,
    todo,
  };
}

/** What went wrong, after the status of an answer, and what to do. */
type Words = readonly [what: string, todo: string];

/** A failure, and what is known of its destination by the URL. */
interface Case extends ExportFailure {
  readonly host: string;
  readonly port: string;
  /** Which of Honeycomb's endpoints it is, if any. */
  readonly honeycomb: 'US' | 'EU' | undefined;
  readonly advice: Advice;
  readonly signal: SignalName;
}

const HEADERS = 'Check OTEL_EXPORTER_OTLP_HEADERS';
const ENDPOINT_RULE =
  'OTEL_EXPORTER_OTLP_ENDPOINT is a base URL that /v1/traces is added to; OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used as it is.';
const GRPC = 'Port 4317 is for gRPC; OTLP/HTTP is usually on 4318.';

const WORDS: Readonly<Record<ExportFailureCause, Words | ((its: Case) => Words)>> = {
  unauthorized: ({ detail, honeycomb, advice }) => {
    const check = advice.checkKey === undefined ? 'Check HONEYCOMB_API_KEY' : `Run "${advice.checkKey}"`;
    if (detail?.includes('x-honeycomb-dataset'))
      return ['a classic key needs a dataset', 'Set HONEYCOMB_DATASET.'];
    if (!honeycomb)
      return ['the credentials were refused', `${HEADERS} (for Honeycomb behind a proxy: ${check}).`];
    const [other, url] = honeycomb === 'US' ? ['EU', HONEYCOMB_EU] : ['US', HONEYCOMB_US];
    return [
      `key refused by Honeycomb's ${honeycomb} endpoint`,
      `${check}. ${other} teams: HONEYCOMB_API_ENDPOINT=${url}.`,
    ];
  },
  forbidden: ({ honeycomb, advice: { checkKey } }) => {
    if (!honeycomb)
      return ['the credentials do not allow sending', `${HEADERS}, and that no proxy stands in between.`];
    const rights = 'whether the key may send events and create datasets.';
    const todo =
      checkKey === undefined ? `See in Honeycomb ${rights}` : `Run "${checkKey}": it says ${rights}`;
    return ['the key is known but may not send', todo];
  },
  'not-found': ({ signal }) =>
    signal.name === 'traces'
      ? ['nothing receives OTLP at this path', ENDPOINT_RULE]
      : [
          'no log records are taken there',
          'OTEL_LOGS_EXPORTER=none stops them, for a backend of traces alone like Jaeger; OTEL_EXPORTER_OTLP_LOGS_ENDPOINT names another place for them.',
        ],
  'too-large': [
    'the batch is larger than the backend takes',
    'Lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE, or shorten attributes with OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT.',
  ],
  'rate-limited': ({ retryAfterSeconds }) => [
    `too many spans for the backend's limit${waitOf(retryAfterSeconds)}`,
    'Send fewer (OTEL_TRACES_SAMPLER=parentbased_traceidratio) or raise the limit.',
  ],
  'server-error': ({ retryAfterSeconds, honeycomb }) => [
    `the backend has a problem of its own${waitOf(retryAfterSeconds)}`,
    honeycomb === undefined ? 'See its log.' : 'See https://status.honeycomb.io.',
  ],
  rejected: [
    'the request was not understood',
    `The URL must be an OTLP/HTTP receiver that takes protobuf. ${ENDPOINT_RULE}`,
  ],
  redirected: [
    'redirected elsewhere, which is not followed',
    'Set the endpoint to the final address (often https:// for http://).',
  ],
  'partly-rejected': [
    'part of the batch was rejected',
    'The rest arrived; the reason is between the quotes.',
  ],
  refused: ({ host, port, advice: { startReceiver } }) => {
    const isLocalReceiver = port === '4318' && ['localhost', '127.0.0.1', '[::1]'].includes(host);
    const own = startReceiver
      ? `Is the trace explorer running? "${startReceiver}" starts it.`
      : 'Is an OTLP receiver running there, like a collector or the trace explorer?';
    return [
      `nothing listens on ${host}:${port}`,
      isLocalReceiver ? own : 'Is the backend running, and is the port right?',
    ];
  },
  timeout: ({ status }) => [
    status === undefined ? 'no answer in time' : 'the request took too long',
    'Is the backend overloaded, or a firewall in between? OTEL_EXPORTER_OTLP_TIMEOUT (milliseconds) gives it longer.',
  ],
  dns: ({ host }) => [
    `the name ${host} cannot be resolved`,
    'Check its spelling and the network; names of compose services are known only inside compose.',
  ],
  'tls-untrusted': [
    'the TLS certificate is not trusted (self-signed, or of a private CA)',
    'Name the CA with OTEL_EXPORTER_OTLP_CERTIFICATE or NODE_EXTRA_CA_CERTS.',
  ],
  'tls-hostname': ({ host }) => [
    `the TLS certificate is not for ${host}`,
    'Use the name that the certificate has.',
  ],
  'tls-expired': [
    'the TLS certificate has expired or is not valid yet',
    "Renew it, or set this machine's clock.",
  ],
  'tls-protocol': [
    'TLS could not be agreed on',
    'If the receiver speaks plain HTTP, write http:// for https://.',
  ],
  'not-http': ({ port }) => [
    'the answer is not HTTP/1.1',
    port === '4317' ? GRPC : 'Use the port for OTLP/HTTP, and https:// if the receiver expects TLS.',
  ],
  'connection-lost': ({ port }) => [
    'the connection was closed before an answer came',
    port === '4317' ? GRPC : 'Is the backend restarting, or does it expect https://?',
  ],
  unreachable: ({ host }) => [`there is no way to ${host}`, 'Check the network, a VPN or a firewall.'],
  'invalid-header': [
    'a header holds a character that HTTP forbids',
    `${HEADERS} and HONEYCOMB_API_KEY for line breaks and quotes.`,
  ],
  unknown: ['failed', 'OTEL_LOG_LEVEL=debug shows more.'],
};

function waitOf(seconds: number | undefined): string {
  return seconds === undefined ? '' : ` (it asks to wait ${seconds} s)`;
}

function placeOf(url: string): Pick<Case, 'host' | 'port' | 'honeycomb'> {
  if (!URL.canParse(url)) return { host: url, port: '', honeycomb: undefined };
  const { hostname: host, port, protocol, origin } = new URL(url);
  const honeycomb = origin === HONEYCOMB_US ? 'US' : origin === HONEYCOMB_EU ? 'EU' : undefined;
  return { host, port: port || (protocol === 'https:' ? '443' : '80'), honeycomb };
}
