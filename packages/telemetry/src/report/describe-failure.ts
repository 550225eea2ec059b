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
  const words = WORDS[cause];
  const [what, todo] = typeof words === 'function' ? words({ ...failure, advice, signal }) : words;
  const answer = status === undefined ? '' : `${status}, `;
  const wait = retryAfterSeconds === undefined ? '' : ` (it asks to wait ${retryAfterSeconds} s)`;
  const said = detail === undefined ? '' : ` ("${logSafeText(detail, secrets)}")`;
  const place = logSafeUrl(url, secrets);
  return {
    what: `${signal.Items} could not be sent to ${place}: ${answer}${what}${wait}${said}.`,
    todo,
  };
}

/** What went wrong, after the status of an answer, and what to do. */
type Words = readonly [what: string, todo: string];

interface Case extends ExportFailure {
  readonly advice: Advice;
  readonly signal: SignalName;
}

const ENDPOINT_RULE =
  'OTEL_EXPORTER_OTLP_ENDPOINT is a base URL that /v1/traces is added to; OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used as it is.';

const WORDS: Readonly<Record<ExportFailureCause, Words | ((its: Case) => Words)>> = {
  unauthorized: wordsOfRefusal,
  'not-found': ({ signal }) =>
    signal.name === 'traces'
      ? ['nothing receives OTLP at this path', ENDPOINT_RULE]
      : [
          'no log records are taken there',
          'OTEL_LOGS_EXPORTER=none stops them, for a backend of traces alone like Jaeger; OTEL_EXPORTER_OTLP_LOGS_ENDPOINT names another place for them.',
        ],
  redirected: [
    'redirected elsewhere, which is not followed',
    'Set the endpoint to the final address (often https:// for http://).',
  ],
  rejected: [
    'the request was not understood',
    `The URL must be an OTLP/HTTP receiver that takes protobuf. ${ENDPOINT_RULE}`,
  ],
  'partly-rejected': [
    'part of the batch was rejected',
    'The rest arrived; the reason is between the quotes.',
  ],
  'too-large': ({ bytes, signal }) => [
    `a ${signal.item}${bytes === undefined ? '' : ` of ${bytes} bytes`} is larger than the backend takes`,
    'Shorten attributes with OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT.',
  ],
  overloaded: ({ status, url }) =>
    status === 429
      ? [
          "more than the backend's limit",
          'Send fewer (OTEL_TRACES_SAMPLER=parentbased_traceidratio) or raise the limit.',
        ]
      : [
          'the backend has a problem of its own',
          regionOf(url) ? 'See https://status.honeycomb.io.' : 'See its log.',
        ],
  timeout: [
    'no answer in time',
    'Is the backend overloaded, or a firewall in between? OTEL_EXPORTER_OTLP_TIMEOUT (milliseconds) gives it longer.',
  ],
  unreachable: (its) => [
    'no connection',
    HINTS.find(([said]) => said.test(its.detail ?? ''))?.[1](its) ?? NO_HINT,
  ],
};

/** What to do about an error, by its own words: those of Node, OpenSSL and the parser of HTTP. */
const HINTS: readonly (readonly [RegExp, (its: Case) => string])[] = [
  [/ECONNREFUSED/, hintForNobody],
  [
    /ENOTFOUND|EAI_/,
    () =>
      'Check the spelling of the name and the network; names of compose services are known only inside compose.',
  ],
  [
    /certificate|altname/i,
    () =>
      "Name the CA with OTEL_EXPORTER_OTLP_CERTIFICATE or NODE_EXTRA_CA_CERTS; check the certificate's name and this machine's clock.",
  ],
  [/SSL|TLS|EPROTO/i, () => 'If the receiver speaks plain HTTP, write http:// for https://.'],
  [
    /header content/,
    () => 'Check OTEL_EXPORTER_OTLP_HEADERS and HONEYCOMB_API_KEY for line breaks and quotes.',
  ],
  [
    /Parse Error|ECONNRESET|hang up/,
    () =>
      'Is it an OTLP/HTTP receiver (usually on port 4318; 4317 is for gRPC), and does it expect https://?',
  ],
];

const NO_HINT = 'Check the network, a VPN or a firewall.';

function hintForNobody({ url, advice: { startReceiver } }: Case): string {
  if (!/^https?:\/\/(localhost|127\.0\.0\.1|\[::1\]):4318\//.test(url))
    return 'Is the backend running, and is the port right?';
  return startReceiver
    ? `Is the trace explorer running? "${startReceiver}" starts it.`
    : 'Is an OTLP receiver running there, like a collector or the trace explorer?';
}

function wordsOfRefusal({ url, status, detail, advice: { checkKey } }: Case): Words {
  const region = regionOf(url);
  const check = checkKey === undefined ? 'Check HONEYCOMB_API_KEY' : `Run "${checkKey}"`;
  if (detail?.includes('x-honeycomb-dataset'))
    return ['a classic key needs a dataset', 'Set HONEYCOMB_DATASET.'];
  if (!region)
    return [
      'the credentials were refused',
      `Check OTEL_EXPORTER_OTLP_HEADERS, and that no proxy stands in between (for Honeycomb behind a proxy: ${check}).`,
    ];
  if (status === 403)
    return [
      'the key is known but may not send',
      `${check}: it must be allowed to send events and create datasets.`,
    ];
  const [other, place] = region === 'US' ? ['EU', HONEYCOMB_EU] : ['US', HONEYCOMB_US];
  return [
    `key refused by Honeycomb's ${region} endpoint`,
    `${check}. ${other} teams: HONEYCOMB_API_ENDPOINT=${place}.`,
  ];
}

/** Which of Honeycomb's endpoints a URL is of, if any. */
function regionOf(url: string): 'US' | 'EU' | undefined {
  const origin = URL.parse(url)?.origin;
  return origin === HONEYCOMB_US ? 'US' : origin === HONEYCOMB_EU ? 'EU' : undefined;
}
