import type { Kind } from './kinds.ts';
import * as is from './kinds.ts';

/** A variable that telemetry reads. */
export interface Variable<T> extends Kind<T> {
  /** The value when the variable is unset, or has a value that cannot be followed. */
  readonly otherwise: T;
  /** What the variable does, for documents. */
  readonly does: string;
  /** Each part has a form of the name, which is read first: `OTEL_EXPORTER_OTLP_TRACES_TIMEOUT`. */
  readonly parts: readonly Part[];
}

/** A signal, or the items of a signal. */
export type Part = 'TRACES' | 'LOGS' | 'SPAN' | 'LOGRECORD';

const SIGNALS: readonly Part[] = ['TRACES', 'LOGS'];
const ITEMS: readonly Part[] = ['SPAN', 'LOGRECORD'];

const SPAN_EXPORTERS = is.anyOf(['otlp', 'console']);
const LOG_EXPORTERS = is.anyOf(['otlp']);
const PROPAGATORS = is.anyOf(['tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'xray']);
const SAMPLERS = is.oneOf([
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'consistent_probability',
  'parentbased_consistent_probability',
]);
const DIAG_LEVELS = is.oneOf(['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all']);
const LOG_LEVELS = is.oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);
const PROTOCOL = is.oneOf(['http/protobuf']);
const COMPRESSION = is.oneOf(['none', 'gzip']);
const COUNT = is.atLeast(0);
const SOME = is.atLeast(1);

const ENDPOINT =
  'where spans and log lines go; default http://localhost:4318; the form for one signal is used as it is';

/**
 * Every variable that telemetry reads: those of the OpenTelemetry specification, and ours.
 *
 * Some defaults are not the specification's. A delay of 300 ms instead of 5 s (1 s for log records) shows a waterfall soon
 * after its request, and a killed process loses less than the last 500 ms. A batch has up to 2048 items instead of 512,
 * because each request to a backend costs half a millisecond.
 */
export const VARIABLES = {
  OTEL_SDK_DISABLED: row(is.FLAG, false, 'no spans at all; the context of callers is passed on'),
  OTEL_SERVICE_NAME: row(is.SERVICE_NAME, undefined, "the service's name; default: that of package.json"),
  OTEL_RESOURCE_ATTRIBUTES: row(is.PAIRS, {}, 'attributes of the resource'),
  OTEL_PROPAGATORS: row(PROPAGATORS, ['tracecontext', 'baggage'], 'headers that carry the context'),
  OTEL_TRACES_SAMPLER: row(SAMPLERS, 'parentbased_always_on', 'which traces are recorded'),
  OTEL_TRACES_SAMPLER_ARG: row(
    is.RATES,
    undefined,
    'a probability; of consistent samplers, rates of routes too',
  ),
  OTEL_TRACES_EXPORTER: row(SPAN_EXPORTERS, ['otlp'], 'where spans go'),
  OTEL_LOGS_EXPORTER: row(LOG_EXPORTERS, ['otlp'], 'where log lines go beside standard output'),
  OTEL_LOG_LEVEL: row(DIAG_LEVELS, 'warn', 'how much OpenTelemetry says about itself'),
  OTEL_CONFIG_FILE: row(is.UNSET, undefined, 'a configuration file is not read'),
  OTEL_EXPERIMENTAL_CONFIG_FILE: row(is.UNSET, undefined, 'a configuration file is not read'),

  OTEL_EXPORTER_OTLP_ENDPOINT: row(is.HTTP_URL, undefined, ENDPOINT, SIGNALS),
  OTEL_EXPORTER_OTLP_HEADERS: row(is.HEADERS, {}, 'headers of exports', SIGNALS),
  OTEL_EXPORTER_OTLP_PROTOCOL: row(PROTOCOL, 'http/protobuf', 'how exports are sent', SIGNALS),
  OTEL_EXPORTER_OTLP_TIMEOUT: row(SOME, 10_000, 'milliseconds that an export may take', SIGNALS),
  OTEL_EXPORTER_OTLP_COMPRESSION: row(COMPRESSION, 'none', 'how exports are compressed', SIGNALS),
  OTEL_EXPORTER_OTLP_CERTIFICATE: row(is.PEM, undefined, 'the CA to trust', SIGNALS),
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: row(is.PEM, undefined, 'the certificate of this client', SIGNALS),
  OTEL_EXPORTER_OTLP_CLIENT_KEY: row(is.PEM, undefined, 'its key', SIGNALS),

  OTEL_BSP_MAX_QUEUE_SIZE: row(SOME, 32768, 'spans that wait in memory at most'),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: row(SOME, 2048, 'spans in a batch at most, and never more than wait'),
  OTEL_BSP_SCHEDULE_DELAY: row(COUNT, 300, 'milliseconds after which a batch is sent'),
  OTEL_BSP_EXPORT_TIMEOUT: row(SOME, 30_000, 'milliseconds that an export may take'),
  OTEL_BLRP_MAX_QUEUE_SIZE: row(SOME, 32768, 'the same for log lines'),
  OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: row(SOME, 2048, 'the same for log lines'),
  OTEL_BLRP_SCHEDULE_DELAY: row(COUNT, 300, 'the same for log lines'),
  OTEL_BLRP_EXPORT_TIMEOUT: row(SOME, 30_000, 'the same for log lines'),

  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: row(COUNT, Infinity, 'characters of a value at most', ITEMS),
  OTEL_ATTRIBUTE_COUNT_LIMIT: row(COUNT, 128, 'attributes at most', ITEMS),

  HONEYCOMB_API_KEY: row(is.HONEYCOMB_KEY, undefined, 'set: spans and log lines go to Honeycomb too'),
  HONEYCOMB_API_ENDPOINT: row(is.HONEYCOMB_ENDPOINT, undefined, "Honeycomb's API; default: that of the US"),
  HONEYCOMB_DATASET: row(is.NAME, undefined, 'the dataset of a classic key'),
  TRACE_FASTIFY_LIFECYCLE: row(is.FLAG, false, "a span for each of Fastify's hooks and handlers as well"),
  TRACE_LEAN_HTTP_CLIENT: row(is.FLAG, false, 'spans of outgoing requests without instrumentation-undici'),
  TRACE_BAGGAGE_ATTRIBUTES: row(is.LIST, [], 'baggage that becomes attributes of every span of its trace'),
  TRACE_REDACT_ATTRIBUTES: row(
    is.LIST,
    [],
    'attributes whose values become REDACTED before export; user.* too',
  ),
  DATA_DIR: row(is.FOLDER, '.data', 'where spans and log lines wait that cannot be sent'),
  LOG_LEVEL: row(LOG_LEVELS, 'info', 'how much the process says'),
  NODE_ENV: row(is.NAME, undefined, 'deployment.environment.name where OTEL_RESOURCE_ATTRIBUTES has none'),
} as const;

export type VariableName = keyof typeof VARIABLES;

/** The type of a variable's value. */
export type ValueOf<Name extends VariableName> = (typeof VARIABLES)[Name]['otherwise'];

/** The form of a variable's name for one part: `OTEL_EXPORTER_OTLP_TRACES_TIMEOUT`. */
export function formOf(name: VariableName, part: Part): string {
  return name.replace(/^OTEL_(?:EXPORTER_OTLP_)?/, `$&${part}_`);
}

function row<T>(
  kind: Kind<T>,
  otherwise: undefined,
  does: string,
  parts?: readonly Part[],
): Variable<T | undefined>;
function row<T>(kind: Kind<T>, otherwise: NoInfer<T>, does: string, parts?: readonly Part[]): Variable<T>;
function row<T>(kind: Kind<T>, otherwise: T, does: string, parts: readonly Part[] = []): Variable<T> {
  return { ...kind, otherwise, does, parts };
}
