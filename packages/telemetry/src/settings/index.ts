import { resolve } from 'node:path';
import { DiagLogLevel } from '@opentelemetry/api';
import type { HoneycombSettings } from './destinations.ts';
import { isForTracesOnly, readDestinations } from './destinations.ts';
import type { Environment } from './reader.ts';
import { EnvironmentReader } from './reader.ts';
import { readServiceIdentity } from './service-identity.ts';
import type { ValueOf } from './variables.ts';

export type { Destination, HoneycombSettings } from './destinations.ts';
export type { Environment } from './reader.ts';
export { SettingsError } from './reader.ts';

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

/** Reads the settings from an environment, by the table of variables (variables.ts). */
export function readSettings(environment: Environment, defaults: SettingsDefaults = {}) {
  const { directory = process.cwd(), baseDirectory = directory } = defaults;
  const env = new EnvironmentReader(environment);
  env.read('OTEL_CONFIG_FILE');
  env.read('OTEL_EXPERIMENTAL_CONFIG_FILE');
  const resourceAttributes = env.read('OTEL_RESOURCE_ATTRIBUTES');
  const honeycomb = readHoneycomb(env);
  const settings = {
    disabled: env.read('OTEL_SDK_DISABLED'),
    service: readServiceIdentity(env, resourceAttributes, directory),
    resourceAttributes,
    environmentName:
      resourceAttributes['deployment.environment.name'] ?? env.read('NODE_ENV') ?? 'development',
    propagators: env.read('OTEL_PROPAGATORS'),
    baggageAttributes: both(defaults.baggageAttributes, env.read('TRACE_BAGGAGE_ATTRIBUTES')),
    // Rather too much is redacted than too little: of `a*b` all that begins with a.
    redactAttributes: both(defaults.redactAttributes, env.read('TRACE_REDACT_ATTRIBUTES')).map((key) =>
      key.replace(/\*.+$/, '*'),
    ),
    sampler: { name: env.read('OTEL_TRACES_SAMPLER'), argument: env.read('OTEL_TRACES_SAMPLER_ARG') },
    exporters: env.read('OTEL_TRACES_EXPORTER'),
    destinations: readDestinations(env, 'TRACES', honeycomb),
    batch: readBatch(env, 'OTEL_BSP'),
    logs: readLogs(env, honeycomb),
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
    dataDirectory: resolve(baseDirectory, env.read('DATA_DIR') ?? DEFAULT_DATA_DIRECTORY),
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

function readHoneycomb(env: EnvironmentReader): HoneycombSettings | undefined {
  const apiKey = env.read('HONEYCOMB_API_KEY');
  const endpoint = env.read('HONEYCOMB_API_ENDPOINT');
  // Spans of a team in the EU must not go to the US because its endpoint is misspelt.
  const isMisspelt = env.problems.some(({ variable }) => variable === 'HONEYCOMB_API_ENDPOINT');
  return apiKey === undefined || isMisspelt
    ? undefined
    : { apiKey, endpoint, dataset: env.read('HONEYCOMB_DATASET') };
}

function readBatch(env: EnvironmentReader, prefix: 'OTEL_BSP' | 'OTEL_BLRP') {
  const maxQueueSize = env.read(`${prefix}_MAX_QUEUE_SIZE`);
  return {
    maxQueueSize,
    maxExportBatchSize: Math.min(env.read(`${prefix}_MAX_EXPORT_BATCH_SIZE`), maxQueueSize),
    scheduleDelayMs: env.read(`${prefix}_SCHEDULE_DELAY`),
    exportTimeoutMs: env.read(`${prefix}_EXPORT_TIMEOUT`),
  };
}

function readLimits(env: EnvironmentReader, part: 'SPAN' | 'LOGRECORD') {
  return {
    attributeValueLengthLimit: env.read('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', part),
    attributeCountLimit: env.read('OTEL_ATTRIBUTE_COUNT_LIMIT', part),
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
  return {
    exporters,
    destinations: exporters.includes('otlp') ? readDestinations(env, 'LOGS', honeycomb) : [],
    batch: readBatch(env, 'OTEL_BLRP'),
    limits: readLimits(env, 'LOGRECORD'),
  };
}
