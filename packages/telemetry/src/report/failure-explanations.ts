import type { SignalName } from '../export/signal.ts';
import type { ExportFailure, ExportFailureCause } from '../failures/export-failure.ts';
import { HONEYCOMB_EU, HONEYCOMB_US } from '../honeycomb/endpoint.ts';
import type { Advice } from './advice.ts';

const HEADERS = 'Check OTEL_EXPORTER_OTLP_HEADERS';
const ENDPOINT_RULE =
  'OTEL_EXPORTER_OTLP_ENDPOINT is a base URL that /v1/traces is added to; OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used as it is';

/** What is known of a destination by its URL. */
export interface Place {
  readonly host: string;
  readonly port: string;
  /** Which of Honeycomb's endpoints it is, if any. */
  readonly honeycomb: 'US' | 'EU' | undefined;
  /** Whether it is where OTLP receivers for developers listen, the trace explorer among them. */
  readonly isLocalReceiver: boolean;
}

/** Why, and what to do. */
export interface Explanation {
  readonly what: string;
  readonly todo: string;
}

/** Every cause in words. */
export const EXPLANATIONS: Readonly<
  Record<
    ExportFailureCause,
    (failure: ExportFailure, place: Place, advice: Advice, signal: SignalName) => Explanation
  >
> = {
  unauthorized: ({ detail }, { honeycomb }, { checkKey }) => {
    if (detail?.includes('x-honeycomb-dataset')) {
      return { what: '401, a classic key needs a dataset', todo: 'Set HONEYCOMB_DATASET.' };
    }
    if (honeycomb === undefined) {
      return {
        what: '401, the credentials were refused',
        todo: `${HEADERS} (for Honeycomb behind a proxy: ${toCheckKey(checkKey)}).`,
      };
    }
    const other =
      honeycomb === 'US'
        ? `EU teams: HONEYCOMB_API_ENDPOINT=${HONEYCOMB_EU}`
        : `US teams: HONEYCOMB_API_ENDPOINT=${HONEYCOMB_US}`;
    return {
      what: `401, key refused by Honeycomb's ${honeycomb} endpoint`,
      todo: `${toCheckKey(checkKey)}. ${other}.`,
    };
  },
  forbidden: (_, { honeycomb }, { checkKey }) =>
    honeycomb === undefined
      ? {
          what: '403, the credentials do not allow sending',
          todo: `${HEADERS}, and that no proxy stands in between.`,
        }
      : {
          what: '403, the key is known but may not send',
          todo:
            checkKey === undefined
              ? 'See in Honeycomb whether the key may send events and create datasets.'
              : `${toCheckKey(checkKey)}: it says whether the key may send events and create datasets.`,
        },
  'not-found': (_failure, _place, _advice, { name }) =>
    name === 'logs'
      ? {
          what: '404, no log records are taken there',
          todo: 'OTEL_LOGS_EXPORTER=none stops them, for a backend of traces alone like Jaeger; OTEL_EXPORTER_OTLP_LOGS_ENDPOINT names another place for them.',
        }
      : { what: '404, nothing receives OTLP at this path', todo: `${ENDPOINT_RULE}.` },
  'too-large': () => ({
    what: '413, the batch is larger than the backend takes',
    todo: 'Lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE, or shorten attributes with OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT.',
  }),
  'rate-limited': ({ retryAfterSeconds }) => ({
    what: `429, too many spans for the backend's limit${retryAfterSeconds === undefined ? '' : ` (it asks to wait ${retryAfterSeconds} s)`}`,
    todo: 'Send fewer (OTEL_TRACES_SAMPLER=parentbased_traceidratio) or raise the limit.',
  }),
  'server-error': ({ status, retryAfterSeconds }, { honeycomb }) => ({
    what: `${status}, the backend has a problem of its own${retryAfterSeconds === undefined ? '' : ` (it asks to wait ${retryAfterSeconds} s)`}`,
    todo: honeycomb === undefined ? 'See its log.' : 'See https://status.honeycomb.io.',
  }),
  rejected: ({ status }) => ({
    what: `${status}, the request was not understood`,
    todo: `The URL must be an OTLP/HTTP receiver that takes protobuf. ${ENDPOINT_RULE}.`,
  }),
  redirected: ({ status }) => ({
    what: `${status}, redirected elsewhere, which is not followed`,
    todo: 'Set the endpoint to the final address (often https:// for http://).',
  }),
  'retries-exhausted': () => ({
    what: 'still 429, 502, 503 or 504 after every retry',
    todo: "See the backend's status and limits.",
  }),
  'partly-rejected': () => ({
    what: 'part of the batch was rejected',
    todo: 'The rest arrived; the reason is between the quotes.',
  }),
  overloaded: () => ({
    what: 'too many exports are waiting for an answer',
    todo: 'The backend is slower than spans are made: raise OTEL_BSP_SCHEDULE_DELAY or sample.',
  }),
  refused: (_, { host, port, isLocalReceiver }, { startReceiver }) => ({
    what: `nothing listens on ${host}:${port}`,
    todo: isLocalReceiver ? toStartReceiver(startReceiver) : 'Is the backend running, and is the port right?',
  }),
  timeout: ({ status }) => ({
    what: status === undefined ? 'no answer in time' : `${status}, the request took too long`,
    todo: 'Is the backend overloaded, or a firewall in between? OTEL_EXPORTER_OTLP_TIMEOUT (milliseconds) gives it longer.',
  }),
  dns: (_, { host }) => ({
    what: `the name ${host} cannot be resolved`,
    todo: 'Check its spelling and the network; names of compose services are known only inside compose.',
  }),
  'tls-untrusted': () => ({
    what: 'the TLS certificate is not trusted (self-signed, or of a private CA)',
    todo: 'Name the CA with OTEL_EXPORTER_OTLP_CERTIFICATE or NODE_EXTRA_CA_CERTS.',
  }),
  'tls-hostname': (_, { host }) => ({
    what: `the TLS certificate is not for ${host}`,
    todo: 'Use the name that the certificate has.',
  }),
  'tls-expired': () => ({
    what: 'the TLS certificate has expired or is not valid yet',
    todo: "Renew it, or set this machine's clock.",
  }),
  'tls-protocol': () => ({
    what: 'TLS could not be agreed on',
    todo: 'If the receiver speaks plain HTTP, write http:// for https://.',
  }),
  'not-http': (_, { port }) => ({
    what: 'the answer is not HTTP/1.1',
    todo:
      port === '4317'
        ? 'Port 4317 is for gRPC; OTLP/HTTP is usually on 4318.'
        : 'Use the port for OTLP/HTTP, and https:// if the receiver expects TLS.',
  }),
  'connection-lost': (_, { port }) => ({
    what: 'the connection was closed before an answer came',
    todo:
      port === '4317'
        ? 'Port 4317 is for gRPC; OTLP/HTTP is usually on 4318.'
        : 'Is the backend restarting, or does it expect https://?',
  }),
  unreachable: (_, { host }) => ({
    what: `there is no way to ${host}`,
    todo: 'Check the network, a VPN or a firewall.',
  }),
  'invalid-header': () => ({
    what: 'a header holds a character that HTTP forbids',
    todo: `${HEADERS} and HONEYCOMB_API_KEY for line breaks and quotes.`,
  }),
  unknown: () => ({ what: 'failed', todo: 'OTEL_LOG_LEVEL=debug shows more.' }),
};

function toCheckKey(command: string | undefined): string {
  return command === undefined ? 'Check HONEYCOMB_API_KEY' : `Run "${command}"`;
}

function toStartReceiver(command: string | undefined): string {
  return command === undefined
    ? 'Is an OTLP receiver running there, like a collector or the trace explorer?'
    : `Is the trace explorer running? "${command}" starts it.`;
}
