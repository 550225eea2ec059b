import type { Part, Variable } from './kinds.ts';
import {
  flag,
  headers,
  honeycomb,
  honeycombKey,
  ITEMS,
  list,
  listOf,
  oneOf,
  pairs,
  pem,
  rates,
  SIGNALS,
  serviceName,
  text,
  unsupported,
  url,
  whole,
} from './kinds.ts';

const EXPORTER_NAMES = ['otlp', 'console'] as const;
export const PROPAGATOR_NAMES = ['tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'xray'] as const;
export const SAMPLER_NAMES = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'consistent_probability',
  'parentbased_consistent_probability',
] as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const DIAG_LEVELS = ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'] as const;

/**
 * Every variable that telemetry reads: those of the OpenTelemetry specification, and ours.
 *
 * Some defaults are not the specification's. A delay of 300 ms instead of 5 s (1 s for log records): whoever sends a request
 * wants to see its waterfall soon; a batch without an answer is written to disk after another 150 ms, so that a killed
 * process loses less than the last 500 ms. A batch has up to 2048 items instead of 512: each request to a backend costs
 * half a millisecond, whatever is in it.
 */
export const VARIABLES = {
  OTEL_SDK_DISABLED: flag('no spans at all; the context of callers is passed on'),
  OTEL_SERVICE_NAME: serviceName('the name of the service; default: that of the nearest package.json'),
  OTEL_RESOURCE_ATTRIBUTES: pairs('attributes of the resource'),
  OTEL_PROPAGATORS: listOf(PROPAGATOR_NAMES, ['tracecontext', 'baggage'], 'headers that carry the context'),
  OTEL_TRACES_SAMPLER: oneOf(SAMPLER_NAMES, 'parentbased_always_on', 'which traces are recorded'),
  OTEL_TRACES_SAMPLER_ARG: rates('a probability; the consistent samplers follow rates of routes too'),
  OTEL_TRACES_EXPORTER: listOf(EXPORTER_NAMES, ['otlp'], 'where spans go'),
  OTEL_LOGS_EXPORTER: listOf(EXPORTER_NAMES, ['otlp'], 'where log lines go beside standard output'),
  OTEL_LOG_LEVEL: oneOf(DIAG_LEVELS, 'warn', 'how much OpenTelemetry says about itself'),
  OTEL_CONFIG_FILE: unsupported('a configuration file is not read'),
  OTEL_EXPERIMENTAL_CONFIG_FILE: unsupported('a configuration file is not read'),

  OTEL_EXPORTER_OTLP_ENDPOINT: url(
    'where spans and log lines go; default http://localhost:4318; the form for one signal is used as it is',
  ),
  OTEL_EXPORTER_OTLP_HEADERS: headers('headers of exports'),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf(['http/protobuf'], 'http/protobuf', 'how exports are sent', SIGNALS),
  OTEL_EXPORTER_OTLP_TIMEOUT: whole(10_000, 1, 'milliseconds that an export may take', SIGNALS),
  OTEL_EXPORTER_OTLP_COMPRESSION: oneOf(['none', 'gzip'], 'none', 'how exports are compressed', SIGNALS),
  OTEL_EXPORTER_OTLP_CERTIFICATE: pem('the CA to trust'),
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: pem('the certificate of this client'),
  OTEL_EXPORTER_OTLP_CLIENT_KEY: pem('its key'),

  OTEL_BSP_MAX_QUEUE_SIZE: whole(32768, 1, 'spans that wait in memory at most'),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: whole(2048, 1, 'spans in a batch at most, and never more than wait'),
  OTEL_BSP_SCHEDULE_DELAY: whole(300, 0, 'milliseconds after which a batch is sent'),
  OTEL_BSP_EXPORT_TIMEOUT: whole(30_000, 1, 'milliseconds that an export may take'),
  OTEL_BLRP_MAX_QUEUE_SIZE: whole(32768, 1, 'the same for log lines'),
  OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: whole(2048, 1, 'the same for log lines'),
  OTEL_BLRP_SCHEDULE_DELAY: whole(300, 0, 'the same for log lines'),
  OTEL_BLRP_EXPORT_TIMEOUT: whole(30_000, 1, 'the same for log lines'),

  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: whole(
    Number.POSITIVE_INFINITY,
    0,
    'characters of a value at most',
    ITEMS,
  ),
  OTEL_ATTRIBUTE_COUNT_LIMIT: whole(128, 0, 'attributes at most', ITEMS),
  OTEL_SPAN_EVENT_COUNT_LIMIT: whole(128, 0, 'events of a span at most'),
  OTEL_SPAN_LINK_COUNT_LIMIT: whole(128, 0, 'links of a span at most'),
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: whole(128, 0, 'attributes of an event at most'),
  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: whole(128, 0, 'attributes of a link at most'),

  HONEYCOMB_API_KEY: honeycombKey('set: spans and log lines go to Honeycomb too'),
  HONEYCOMB_API_ENDPOINT: honeycomb("Honeycomb's API"),
  HONEYCOMB_DATASET: text('a name', 'the dataset of a classic key'),
  TRACE_FASTIFY_LIFECYCLE: flag("a span for each of Fastify's hooks and handlers as well"),
  TRACE_LEAN_HTTP_CLIENT: flag(
    'spans of outgoing requests without instrumentation-undici, for less processor time',
  ),
  TRACE_BAGGAGE_ATTRIBUTES: list('baggage that becomes attributes of every span of its trace'),
  TRACE_REDACT_ATTRIBUTES: list(
    'attributes whose values become REDACTED before export; user.* for all that begin so',
  ),
  DATA_DIR: text('a folder', 'where spans and log lines wait that cannot be sent; default .data'),
  LOG_LEVEL: oneOf(LOG_LEVELS, 'info', 'how much the process says'),
  NODE_ENV: text('a name', 'deployment.environment.name where OTEL_RESOURCE_ATTRIBUTES has none'),
} as const;

export type VariableName = keyof typeof VARIABLES;

/** What reading a variable gives. */
export type ValueOf<Name extends VariableName> =
  (typeof VARIABLES)[Name] extends Variable<infer T> ? T : never;

/** The form of a variable's name that is for one part: `OTEL_EXPORTER_OTLP_TRACES_TIMEOUT`. */
export function formOf(name: VariableName, part: Part): string {
  return name.replace(/^OTEL_(?:EXPORTER_OTLP_)?/, `$&${part}_`);
}
