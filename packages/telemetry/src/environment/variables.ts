import { quote } from '../secrets.ts';

/** A variable that telemetry reads. */
export interface Variable<T> {
  /** What its value may be, for documents. */
  readonly type: string;
  /** What counts where nothing is said. */
  readonly otherwise: T;
  /** What it does, for documents. */
  readonly does: string;
  /** The variable that counts where this one says nothing. */
  readonly general: string | undefined;
  /** @throws RangeError with what is wrong, to go on after the variable's name */
  parse(text: string): T;
}

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
const URL_TYPE = 'http or https URL';

/**
 * Every variable that telemetry reads: those of the OpenTelemetry specification, and ours. A value that cannot be followed
 * is a warning, and the default counts. Exports have a general form and one for each signal, which goes before it.
 *
 * Some defaults are not the specification's. A delay of 300 ms instead of 5 s (1 s for log records): whoever sends a request
 * wants to see its waterfall soon; a batch without an answer is written to disk after another 150 ms, so that a killed
 * process loses less than the last 500 ms. A batch has up to 2048 items instead of 512: each request to a backend costs
 * half a millisecond, whatever is in it.
 */
export const VARIABLES = {
  OTEL_SDK_DISABLED: flag('no spans at all; the context of callers is passed on'),
  OTEL_SERVICE_NAME: text('name', 'the name of the service; default: that of the nearest package.json'),
  OTEL_RESOURCE_ATTRIBUTES: text('key1=value1,key2=value2', 'attributes of the resource'),
  OTEL_PROPAGATORS: listOf(PROPAGATOR_NAMES, ['tracecontext', 'baggage'], 'headers that carry the context'),
  OTEL_TRACES_SAMPLER: oneOf(SAMPLER_NAMES, 'parentbased_always_on', 'which traces are recorded'),
  OTEL_TRACES_SAMPLER_ARG: text(
    '0 to 1',
    'a probability; the consistent samplers take rates by route too: 0.1;GET /orders=0.01',
  ),
  OTEL_TRACES_EXPORTER: listOf(EXPORTER_NAMES, ['otlp'], 'where spans go'),
  OTEL_LOGS_EXPORTER: listOf(EXPORTER_NAMES, ['otlp'], 'where log lines go beside standard output'),
  OTEL_LOG_LEVEL: oneOf(DIAG_LEVELS, 'warn', 'how much OpenTelemetry says about itself'),
  OTEL_CONFIG_FILE: text('', 'not supported: a warning'),
  OTEL_EXPERIMENTAL_CONFIG_FILE: text('', 'not supported: a warning'),

  OTEL_EXPORTER_OTLP_ENDPOINT: text(URL_TYPE, 'where spans and log lines go; default http://localhost:4318'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: text(URL_TYPE, 'where spans go: used as it is'),
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: text(URL_TYPE, 'where log lines go: used as it is'),
  OTEL_EXPORTER_OTLP_HEADERS: text('key1=value1,key2=value2', 'headers of exports'),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: text('key1=value1,key2=value2', 'the same for spans'),
  OTEL_EXPORTER_OTLP_LOGS_HEADERS: text('key1=value1,key2=value2', 'the same for log lines'),
  OTEL_EXPORTER_OTLP_PROTOCOL: text('http/protobuf', 'nothing else is supported'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: text('http/protobuf', 'the same for spans'),
  OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: text('http/protobuf', 'the same for log lines'),
  OTEL_EXPORTER_OTLP_TIMEOUT: whole(10_000, 1, 'milliseconds that an export may take'),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: whole(10_000, 1, 'the same for spans', 'OTEL_EXPORTER_OTLP_TIMEOUT'),
  OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: whole(10_000, 1, 'the same for log lines', 'OTEL_EXPORTER_OTLP_TIMEOUT'),
  OTEL_EXPORTER_OTLP_COMPRESSION: compression('how exports are compressed'),
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: compression('the same for spans', 'OTEL_EXPORTER_OTLP_COMPRESSION'),
  OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: compression(
    'the same for log lines',
    'OTEL_EXPORTER_OTLP_COMPRESSION',
  ),
  OTEL_EXPORTER_OTLP_CERTIFICATE: text('PEM file', 'the CA to trust'),
  OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: text('PEM file', 'the same for spans'),
  OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE: text('PEM file', 'the same for log lines'),
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: text('PEM file', 'the certificate of this client'),
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: text('PEM file', 'the same for spans'),
  OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE: text('PEM file', 'the same for log lines'),
  OTEL_EXPORTER_OTLP_CLIENT_KEY: text('PEM file', 'its key'),
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: text('PEM file', 'the same for spans'),
  OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY: text('PEM file', 'the same for log lines'),

  OTEL_BSP_MAX_QUEUE_SIZE: whole(32768, 1, 'spans that wait in memory at most'),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: whole(2048, 1, 'spans in a batch at most'),
  OTEL_BSP_SCHEDULE_DELAY: whole(300, 0, 'milliseconds after which a batch is sent'),
  OTEL_BSP_EXPORT_TIMEOUT: whole(30_000, 1, 'milliseconds that an export may take'),
  OTEL_BLRP_MAX_QUEUE_SIZE: whole(32768, 1, 'the same for log lines'),
  OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: whole(2048, 1, 'the same for log lines'),
  OTEL_BLRP_SCHEDULE_DELAY: whole(300, 0, 'the same for log lines'),
  OTEL_BLRP_EXPORT_TIMEOUT: whole(30_000, 1, 'the same for log lines'),

  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: maxLength('characters of a value at most'),
  OTEL_ATTRIBUTE_COUNT_LIMIT: whole(128, 0, 'attributes at most'),
  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: maxLength(
    'the same for spans',
    'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  ),
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: whole(128, 0, 'the same for spans', 'OTEL_ATTRIBUTE_COUNT_LIMIT'),
  OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: maxLength(
    'the same for log lines',
    'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  ),
  OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: whole(128, 0, 'the same for log lines', 'OTEL_ATTRIBUTE_COUNT_LIMIT'),
  OTEL_SPAN_EVENT_COUNT_LIMIT: whole(128, 0, 'events of a span at most'),
  OTEL_SPAN_LINK_COUNT_LIMIT: whole(128, 0, 'links of a span at most'),
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: whole(128, 0, 'attributes of an event at most'),
  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: whole(128, 0, 'attributes of a link at most'),

  HONEYCOMB_API_KEY: text('key', 'set: spans and log lines go to Honeycomb too'),
  HONEYCOMB_API_ENDPOINT: text(URL_TYPE, "Honeycomb's API; default https://api.honeycomb.io"),
  HONEYCOMB_DATASET: text('name', 'the dataset of a classic key'),
  TRACE_FASTIFY_LIFECYCLE: flag("a span for each of Fastify's hooks and handlers as well"),
  TRACE_LEAN_HTTP_CLIENT: flag(
    'spans of outgoing requests without instrumentation-undici, for less processor time',
  ),
  TRACE_BAGGAGE_ATTRIBUTES: list('baggage that becomes attributes of every span of its trace'),
  TRACE_REDACT_ATTRIBUTES: list(
    'attributes whose values become REDACTED before export; user.* for all that begin so',
  ),
  DATA_DIR: text('folder', 'where spans and log lines wait that cannot be sent; default .data'),
  LOG_LEVEL: oneOf(LOG_LEVELS, 'info', 'how much the process says'),
  NODE_ENV: text(
    'name',
    'deployment.environment.name where OTEL_RESOURCE_ATTRIBUTES has none; default development',
  ),
} as const;

export type VariableName = keyof typeof VARIABLES;

/** What reading a variable gives. */
export type ValueOf<Name extends VariableName> =
  (typeof VARIABLES)[Name] extends Variable<infer T> ? T : never;

function variable<T>(
  type: string,
  otherwise: T,
  does: string,
  parse: (text: string) => T,
  general?: string,
): Variable<T> {
  return { type, otherwise, does, general, parse };
}

function text(type: string, does: string): Variable<string | undefined> {
  return variable<string | undefined>(type, undefined, does, (value) => value);
}

function list(does: string): Variable<readonly string[]> {
  return variable<readonly string[]>('list, by commas', [], does, itemsOf);
}

/** Names by commas, each once; or `none`. */
function listOf<T extends string>(
  names: readonly T[],
  otherwise: readonly T[],
  does: string,
): Variable<readonly T[]> {
  const type = `any of ${names.join(', ')}; or none`;
  return variable(type, otherwise, does, (value) => {
    const items = itemsOf(value.toLowerCase());
    if (String(items) === 'none') return [];
    return items.map((item) => {
      const found = names.find((name) => name === item);
      if (found !== undefined) return found;
      throw new RangeError(`must be ${type}; ${quote(item)} is not supported.`);
    });
  });
}

function flag(does: string): Variable<boolean> {
  return variable('true or false', false, does, (value) => {
    const word = value.toLowerCase();
    if (word === 'true' || word === 'false') return word === 'true';
    throw new RangeError(`must be true or false, not ${quote(value)}.`);
  });
}

/** A whole number of at least `min`; Infinity is no limit. */
function whole(otherwise: number, min: number, does: string, general?: string): Variable<number> {
  const parse = (value: string) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && Number.isSafeInteger(number)) return number;
    throw new RangeError(`must be a whole number of at least ${min}, not ${quote(value)}.`);
  };
  return variable('whole number', otherwise, does, parse, general);
}

function oneOf<T extends string>(
  allowed: readonly T[],
  otherwise: T,
  does: string,
  general?: string,
): Variable<T> {
  const parse = (value: string) => {
    const found = allowed.find((item) => item === value.toLowerCase());
    if (found !== undefined) return found;
    throw new RangeError(`must be one of ${allowed.join(', ')}, not ${quote(value.toLowerCase())}.`);
  };
  return variable(allowed.join(', '), otherwise, does, parse, general);
}

function maxLength(does: string, general?: string): Variable<number> {
  return whole(Number.POSITIVE_INFINITY, 0, does, general);
}

function compression(does: string, general?: string): Variable<'none' | 'gzip'> {
  return oneOf(['none', 'gzip'], 'none', does, general);
}

/** The parts of a comma-separated list, without blanks, each once. */
function itemsOf(value: string): string[] {
  const items = value.split(',').map((item) => item.trim());
  return [...new Set(items)].filter((item) => item !== '');
}
