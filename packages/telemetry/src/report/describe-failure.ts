import type { SignalName } from '../export/signal.ts';
import { SPANS } from '../export/signal.ts';
import type { ExportFailure, ExportFailureCause } from '../failures/export-failure.ts';
import { logSafeText, logSafeUrl } from '../secrets.ts';
import { HONEYCOMB_EU, HONEYCOMB_US } from '../settings/honeycomb.ts';

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

/** Says in plain words why an export failed, and what to do about it; short sentences for one line. */
export function explainExportFailure(
  failure: ExportFailure,
  { secrets = [], advice = {}, signal = SPANS }: DescribeOptions = {},
): { readonly what: string; readonly todo: string } {
  const { url, cause, status, detail, retryAfterSeconds } = failure;
  const [what, todo] = WORDS[cause]({ ...failure, advice, signal });
  const answer = status === undefined ? '' : `${status}, `;
  const wait = retryAfterSeconds === undefined ? '' : ` (it asks to wait ${retryAfterSeconds} s)`;
  const said = detail === undefined ? '' : ` ("${logSafeText(detail, secrets)}")`;
  const place = logSafeUrl(url, secrets);
  return { what: `${signal.Items} could not be sent to ${place}: ${answer}${what}${wait}${said}.`, todo };
}

interface Case extends ExportFailure {
  readonly advice: Advice;
  readonly signal: SignalName;
}

/** What went wrong, after the status of an answer, and what to do. */
type Words = (its: Case) => readonly [what: string, todo: string];

const ENDPOINT_RULE =
  'OTEL_EXPORTER_OTLP_ENDPOINT is a base URL that /v1/traces is added to; OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used as it is.';

const WORDS: Readonly<Record<ExportFailureCause, Words>> = {
  unauthorized: ({ url, advice: { checkKey } }) => {
    const check = checkKey === undefined ? 'Check HONEYCOMB_API_KEY' : `Run "${checkKey}"`;
    const origin = URL.parse(url)?.origin;
    if (origin === HONEYCOMB_US)
      return [
        `key refused by Honeycomb's US endpoint`,
        `${check}. EU teams: HONEYCOMB_API_ENDPOINT=${HONEYCOMB_EU}.`,
      ];
    if (origin === HONEYCOMB_EU)
      return [
        `key refused by Honeycomb's EU endpoint`,
        `${check}. US teams: HONEYCOMB_API_ENDPOINT=${HONEYCOMB_US}.`,
      ];
    return ['the credentials were refused', `Check OTEL_EXPORTER_OTLP_HEADERS, and for Honeycomb: ${check}.`];
  },
  'not-found': ({ signal }) =>
    signal.name === 'traces'
      ? ['nothing receives OTLP at this path', ENDPOINT_RULE]
      : [
          'no log records are taken there',
          'OTEL_LOGS_EXPORTER=none stops them, for a backend of traces alone.',
        ],
  redirected: () => [
    'redirected elsewhere, which is not followed',
    'Set the endpoint to the final address (often https:// for http://).',
  ],
  rejected: () => [
    'the request was not understood',
    `An OTLP/HTTP receiver of protobuf is needed. ${ENDPOINT_RULE}`,
  ],
  'partly-rejected': () => ['part of the batch was rejected', 'The rest arrived.'],
  'too-large': ({ bytes, signal }) => [
    `a ${signal.item}${bytes === undefined ? '' : ` of ${bytes} bytes`} is larger than the backend takes`,
    'Shorten attributes with OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT.',
  ],
  overloaded: ({ status }) =>
    status === 429
      ? [
          "more than the backend's limit",
          'Send fewer (OTEL_TRACES_SAMPLER=parentbased_traceidratio) or raise the limit.',
        ]
      : ['the backend has a problem of its own', 'See its log, or its status page.'],
  timeout: () => [
    'no answer in time',
    'Is the backend overloaded, or a firewall in between? OTEL_EXPORTER_OTLP_TIMEOUT (milliseconds) gives it longer.',
  ],
  unreachable: (its) => [
    'no connection',
    HINTS.find(([said]) => said.test(its.detail ?? ''))?.[1](its) ??
      'Check the name, the network, a VPN or a firewall.',
  ],
};

/** What to do about an error, by its own words: those of Node, OpenSSL and the parser of HTTP. */
const HINTS: readonly (readonly [RegExp, (its: Case) => string])[] = [
  [
    /ECONNREFUSED/,
    ({ url, advice: { startReceiver } }) =>
      startReceiver !== undefined && /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\]):4318\//.test(url)
        ? `Is the trace explorer running? "${startReceiver}" starts it.`
        : 'Is the backend running, and is the port right?',
  ],
  [
    /certificate|altname|SSL|TLS|EPROTO/i,
    () =>
      "Plain HTTP needs http://. Name the CA with OTEL_EXPORTER_OTLP_CERTIFICATE or NODE_EXTRA_CA_CERTS; check this machine's clock.",
  ],
  [
    /Parse Error|ECONNRESET|hang up/,
    () =>
      'Is it an OTLP/HTTP receiver (usually on port 4318; 4317 is for gRPC), and does it expect https://?',
  ],
];
