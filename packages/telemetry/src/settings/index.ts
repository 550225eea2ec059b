import { resolve } from 'node:path';
import { DiagLogLevel } from '@opentelemetry/api';
import { readDestinations } from './destinations.ts';
import type { Environment } from './reader.ts';
import { EnvironmentReader } from './reader.ts';
import { readServiceIdentity } from './service-identity.ts';
import type { ValueOf } from './variables.ts';

export type { Destination } from './destinations.ts';
export type { Environment } from './reader.ts';

export type SamplerName = ValueOf<'OTEL_TRACES_SAMPLER'>;

/** A name that OTEL_PROPAGATORS may list. */
export type PropagatorName = ValueOf<'OTEL_PROPAGATORS'>[number];

/** OTEL_BSP_* of spans, OTEL_BLRP_* of log records: when a batch is sent. Times in milliseconds. */
export type BatchSettings = Readonly<ReturnType<typeof readBatch>>;

/** How much one log record may hold: characters (Infinity by default) and attributes. */
export type LogRecordLimits = Readonly<ReturnType<typeof readLimits>>;

/** Everything about tracing that the environment decides, read once: the variables of API.md. */
export type TelemetrySettings = ReturnType<typeof readSettings>;

/** Defaults of a host. The environment's variables win, so that operators have the last word. */
export interface SettingsDefaults {
  /** Where the search for the service's package.json starts, upwards; default: the working directory. */
  readonly directory?: string;
  /** Where a relative DATA_DIR, or the default one, starts; default: `directory`. */
  readonly baseDirectory?: string;
  /** Baggage that becomes attributes of spans, beside TRACE_BAGGAGE_ATTRIBUTES; default: none. */
  readonly baggageAttributes?: readonly string[];
  /**
   * Keys of attributes whose values become REDACTED before export, beside TRACE_REDACT_ATTRIBUTES: of spans, their events
   * and links, log records and the resource. `user.*` stands for all keys that begin with `user.`. Default: none.
   */
  readonly redactAttributes?: readonly string[];
}

/** Levels of OTEL_LOG_LEVEL that count for telemetry's own lines, too. */
const QUIET: Partial<Record<string, 'silent' | 'error'>> = { NONE: 'silent', ERROR: 'error' };

/** Reads the settings from an environment, by the table of variables (variables.ts). */
export function readSettings(environment: Environment, defaults: SettingsDefaults = {}) {
  const { directory = process.cwd(), baseDirectory = directory } = defaults;
  const { baggageAttributes = [], redactAttributes = [] } = defaults;
  const env = new EnvironmentReader(environment);
  env.read('OTEL_CONFIG_FILE');
  env.read('OTEL_EXPERIMENTAL_CONFIG_FILE');
  const resourceAttributes = env.read('OTEL_RESOURCE_ATTRIBUTES');
  const level = env.read('OTEL_LOG_LEVEL').toUpperCase() as keyof typeof DiagLogLevel;
  const settings = {
    disabled: env.read('OTEL_SDK_DISABLED'),
    service: readServiceIdentity(env, resourceAttributes, directory),
    resourceAttributes,
    environmentName:
      resourceAttributes['deployment.environment.name'] ?? env.read('NODE_ENV') ?? 'development',
    propagators: env.read('OTEL_PROPAGATORS'),
    baggageAttributes: [...new Set([...baggageAttributes, ...env.read('TRACE_BAGGAGE_ATTRIBUTES')])],
    redactAttributes: [...new Set([...redactAttributes, ...env.read('TRACE_REDACT_ATTRIBUTES')])],
    sampler: { name: env.read('OTEL_TRACES_SAMPLER'), argument: env.read('OTEL_TRACES_SAMPLER_ARG') },
    exporters: env.read('OTEL_TRACES_EXPORTER'),
    destinations: readDestinations(env, 'TRACES'),
    batch: readBatch(env, 'OTEL_BSP'),
    logs: readLogs(env),
    spanLimits: readLimits(env, 'SPAN'),
    /** How much OpenTelemetry says of itself. */
    logLevel: DiagLogLevel[level],
    /** How much the process says, and telemetry with it. */
    serviceLogLevel: QUIET[level] ?? env.read('LOG_LEVEL'),
    fastifyLifecycle: env.read('TRACE_FASTIFY_LIFECYCLE'),
    leanHttpClient: env.read('TRACE_LEAN_HTTP_CLIENT'),
    /** DATA_DIR as an absolute path. */
    dataDirectory: resolve(baseDirectory, env.read('DATA_DIR')),
  };
  return Object.freeze({
    ...settings,
    /** Which variables the settings came from; all others are defaults. */
    sources: env.sources,
    /** A sentence for each value that cannot be followed, with the value that counts instead. */
    warnings: env.warnings,
  });
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
 * The settings of log records. An environment that names a place for traces only (an endpoint for traces, or the console)
 * sends no log lines to the default place: perhaps nobody listens there.
 */
function readLogs(env: EnvironmentReader) {
  const isAsked = [
    'OTEL_LOGS_EXPORTER',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT',
    'HONEYCOMB_API_KEY',
  ].some((name) => env.text(name) !== undefined);
  const isForTraces =
    env.text('OTEL_TRACES_EXPORTER') === 'console' ||
    env.read('OTEL_EXPORTER_OTLP_ENDPOINT', 'TRACES') !== undefined;
  const exporters = isForTraces && !isAsked ? [] : env.read('OTEL_LOGS_EXPORTER');
  return {
    exporters,
    destinations: exporters.includes('otlp') ? readDestinations(env, 'LOGS') : [],
    batch: readBatch(env, 'OTEL_BLRP'),
    limits: readLimits(env, 'LOGRECORD'),
  };
}
