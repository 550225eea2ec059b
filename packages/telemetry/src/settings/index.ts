import { resolve } from 'node:path';
import { DiagLogLevel } from '@opentelemetry/api';
import { parseKeyValueList, readOtlpHeaders } from '../environment/headers.ts';
import type { Environment } from '../environment/reader.ts';
import { EnvironmentReader } from '../environment/reader.ts';
import type { ValueOf } from '../environment/variables.ts';
import { readKey } from '../honeycomb/key-source.ts';
import type { HoneycombSettings } from './destinations.ts';
import { isForTracesOnly, readDestinations, readHoneycomb } from './destinations.ts';
import { parseRates, probabilityOf } from './sampling-rates.ts';
import { readServiceIdentity } from './service-identity.ts';

export type { Environment } from '../environment/reader.ts';
export { SettingsError } from '../environment/reader.ts';
export type { Destination, HoneycombSettings } from './destinations.ts';

const DEFAULT_DATA_DIRECTORY = '.data';

export type SamplerName = ValueOf<'OTEL_TRACES_SAMPLER'>;

/** What OTEL_PROPAGATORS may list. */
export type PropagatorName = ValueOf<'OTEL_PROPAGATORS'>[number];

/** OTEL_BSP_* of spans, OTEL_BLRP_* of log records: when a batch is sent. Times in milliseconds. */
export type BatchSettings = Readonly<ReturnType<typeof readBatch>>;

/** How much one log record may hold: characters (Infinity by default) and attributes. */
export type LogRecordLimits = Readonly<ReturnType<typeof readLimits>>;

/** Everything about tracing that the environment decides, read once: what API.md has in its table, by other names. */
export type TelemetrySettings = ReturnType<typeof readSettings>;

/** What a host sets in code. The environment's variables win, so that operators have the last word. */
export interface SettingsDefaults {
  /** Where the service's package.json is looked for, from there upwards; default: the working directory. */
  readonly directory?: string;
  /** What DATA_DIR starts from when it is relative or not set; default: `directory`. */
  readonly baseDirectory?: string;
  /** Baggage that becomes attributes of spans, beside what TRACE_BAGGAGE_ATTRIBUTES lists; default: none. */
  readonly baggageAttributes?: readonly string[];
  /**
   * Keys of attributes whose values become REDACTED before export, beside what TRACE_REDACT_ATTRIBUTES lists: of spans,
   * their events and links, and of the resource. `user.*` stands for all keys that begin so. Default: none.
   */
  readonly redactAttributes?: readonly string[];
}

/**
 * Reads the settings from an environment, by the table of variables (environment/variables.ts). Blank values count as
 * unset, and so does a value that cannot be followed: `warnings` name it.
 */
export function readSettings(environment: Environment, defaults: SettingsDefaults = {}) {
  const { directory = process.cwd(), baseDirectory = directory } = defaults;
  const env = new EnvironmentReader(environment);
  for (const name of ['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE'] as const)
    if (env.text(name))
      env.warn(name, 'is not supported here.', 'The OTEL_* variables themselves are used instead.');
  const resourceAttributes = readResourceAttributes(env);
  const ofSpans = {
    disabled: env.read('OTEL_SDK_DISABLED'),
    service: readServiceIdentity(env, resourceAttributes, directory),
    resourceAttributes,
    environmentName:
      resourceAttributes['deployment.environment.name'] ?? env.text('NODE_ENV') ?? 'development',
    propagators: env.read('OTEL_PROPAGATORS'),
    baggageAttributes: both(defaults.baggageAttributes, env.read('TRACE_BAGGAGE_ATTRIBUTES')),
    // Rather too much is redacted than too little: of `a*b` all that begins with a.
    redactAttributes: both(defaults.redactAttributes, env.read('TRACE_REDACT_ATTRIBUTES')).map((key) =>
      key.replace(/\*.+$/, '*'),
    ),
    sampler: readSampler(env),
    exporters: env.read('OTEL_TRACES_EXPORTER'),
  };
  const headers = readOtlpHeaders(env, 'TRACES');
  const honeycombKey = readKey(env, headers);
  const honeycomb = readHoneycomb(env, honeycombKey);
  const destinations = readDestinations(env, 'TRACES', headers, honeycomb);
  const batch = readBatch(env, 'OTEL_BSP');
  const logs = readLogs(env, honeycomb);
  const settings = {
    ...ofSpans,
    /** The key as it was found, malformed or not; see `honeycomb` for one that is used. */
    honeycombKey,
    honeycomb,
    destinations,
    batch,
    logs,
    spanLimits: {
      ...readLimits(env, 'SPAN'),
      eventCountLimit: env.read('OTEL_SPAN_EVENT_COUNT_LIMIT'),
      linkCountLimit: env.read('OTEL_SPAN_LINK_COUNT_LIMIT'),
      attributePerEventCountLimit: env.read('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'),
      attributePerLinkCountLimit: env.read('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'),
    },
    /** How much OpenTelemetry says of itself. */
    logLevel: DiagLogLevel[env.read('OTEL_LOG_LEVEL').toUpperCase() as keyof typeof DiagLogLevel],
    /** How much the process says. */
    serviceLogLevel: env.read('LOG_LEVEL'),
    fastifyLifecycle: env.read('TRACE_FASTIFY_LIFECYCLE'),
    leanHttpClient: env.read('TRACE_LEAN_HTTP_CLIENT'),
    /** DATA_DIR as an absolute path. */
    dataDirectory: resolve(baseDirectory, env.text('DATA_DIR') ?? DEFAULT_DATA_DIRECTORY),
  };
  return Object.freeze({
    ...settings,
    /** Which variables the settings came from; all others are defaults. */
    sources: env.sources,
    /** Values that cannot be followed, each in a sentence that says what is done instead. */
    warnings: env.warnings,
  });
}

/** What the host lists, and what the environment does, each once. */
function both(ofHost: readonly string[] = [], ofEnvironment: readonly string[]): string[] {
  return [...new Set([...ofHost, ...ofEnvironment])];
}

/** The specification wants the whole list to be left out for one malformed entry. */
function readResourceAttributes(env: EnvironmentReader): Record<string, string> {
  const { entries, problems } = parseKeyValueList(env.text('OTEL_RESOURCE_ATTRIBUTES') ?? '');
  if (problems.length === 0) return Object.fromEntries(entries);
  env.warn('OTEL_RESOURCE_ATTRIBUTES', problems.join(' It '), 'None of them is used.');
  return {};
}

/** The specification's default where nothing is said, or what this process cannot follow. */
function readSampler(env: EnvironmentReader) {
  const name = env.read('OTEL_TRACES_SAMPLER');
  const argument = env.text('OTEL_TRACES_SAMPLER_ARG');
  if (argument === undefined) return { name, argument };
  try {
    if (name.endsWith('traceidratio')) probabilityOf(argument);
    if (name.endsWith('consistent_probability')) parseRates(argument);
    return { name, argument };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    env.warn('OTEL_TRACES_SAMPLER_ARG', error.message, '1 is used instead.');
    return { name, argument: undefined };
  }
}

function readBatch(env: EnvironmentReader, prefix: 'OTEL_BSP' | 'OTEL_BLRP') {
  const name = `${prefix}_MAX_EXPORT_BATCH_SIZE` as const;
  const maxQueueSize = env.read(`${prefix}_MAX_QUEUE_SIZE`);
  const size = env.read(name);
  if (size > maxQueueSize && env.text(name) === String(size)) {
    const problem = `must not be more than ${prefix}_MAX_QUEUE_SIZE (${maxQueueSize}), but is ${size}.`;
    env.warn(name, problem, `${maxQueueSize} is used instead.`);
  }
  return {
    maxQueueSize,
    maxExportBatchSize: Math.min(size, maxQueueSize),
    scheduleDelayMs: env.read(`${prefix}_SCHEDULE_DELAY`),
    exportTimeoutMs: env.read(`${prefix}_EXPORT_TIMEOUT`),
  };
}

function readLimits(env: EnvironmentReader, kind: 'SPAN' | 'LOGRECORD') {
  return {
    attributeValueLengthLimit: env.read(`OTEL_${kind}_ATTRIBUTE_VALUE_LENGTH_LIMIT`),
    attributeCountLimit: env.read(`OTEL_${kind}_ATTRIBUTE_COUNT_LIMIT`),
  };
}

/**
 * The settings of logs, by the same rules as those of spans. Who names a place for traces alone
 * (OTEL_EXPORTER_OTLP_TRACES_ENDPOINT), or has them printed (OTEL_TRACES_EXPORTER=console), does not get log lines sent
 * to the default place: nobody may listen there.
 */
function readLogs(env: EnvironmentReader, honeycomb: HoneycombSettings | undefined) {
  const isAsked = env.text('OTEL_LOGS_EXPORTER') !== undefined;
  const isNowhere = !isAsked && honeycomb === undefined && isForTracesOnly(env);
  const exporters = isNowhere ? [] : env.read('OTEL_LOGS_EXPORTER');
  const isSent = exporters.includes('otlp');
  return {
    exporters,
    destinations: isSent ? readDestinations(env, 'LOGS', readOtlpHeaders(env, 'LOGS'), honeycomb) : [],
    batch: readBatch(env, 'OTEL_BLRP'),
    limits: readLimits(env, 'LOGRECORD'),
  };
}
