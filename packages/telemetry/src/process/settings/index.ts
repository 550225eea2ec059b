import { join, resolve } from 'node:path';
import { DiagLogLevel } from '@opentelemetry/api';
import { readDestinations } from './destinations.ts';
import type { Environment } from './reader.ts';
import { servicePackage } from './service-package.ts';
import { warnOfUnfollowed } from './unfollowed.ts';
import { SettingsReader, VARIABLES } from './variables.ts';

/** Samplers that the SDK does not have. */
const CONSISTENT = /^(?:parentbased_)?consistent_probability$/;

/** A name that OTEL_PROPAGATORS may list. */
export type PropagatorName = (typeof VARIABLES)['OTEL_PROPAGATORS']['otherwise'][number];

/** All settings of tracing from the environment, read once. */
export type TelemetrySettings = ReturnType<typeof readSettings>;

/** Defaults of a host, for its settings. Environment variables win, because operators have the last word. */
export interface SettingsDefaults {
  /** Start of the upward search for the service's package.json; default: the started file's package, else the working directory. */
  readonly directory?: string;
  /** Start of a relative or default DATA_DIR; default: `directory`. */
  readonly baseDirectory?: string;
  /** Baggage that becomes attributes of spans, beside TRACE_BAGGAGE_ATTRIBUTES; default: none. */
  readonly baggageAttributes?: readonly string[];
  /**
   * Keys of attributes whose values become REDACTED before export, beside TRACE_REDACT_ATTRIBUTES. Spans, events, links,
   * log records and the resource are redacted. `user.*` stands for all keys that begin with `user.`. Default: none.
   */
  readonly redactAttributes?: readonly string[];
}

/** Levels of OTEL_LOG_LEVEL that also hold for telemetry's own lines. */
const QUIET: Partial<Record<string, 'silent' | 'error'>> = { NONE: 'silent', ERROR: 'error' };

/** Reads the settings from an environment, by the table of variables. */
export function readSettings(environment: Environment, defaults: SettingsDefaults = {}) {
  const { directory = process.cwd(), baseDirectory = directory } = defaults;
  const { baggageAttributes = [], redactAttributes = [] } = defaults;
  const env = new SettingsReader(environment);
  for (const name of ['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE'] as const) env.get(name); // for the warning
  warnOfUnfollowed(environment, env);
  const resourceAttributes = env.get('OTEL_RESOURCE_ATTRIBUTES');
  const level = env.get('OTEL_LOG_LEVEL').toUpperCase() as keyof typeof DiagLogLevel;
  const sampler = env.get('OTEL_TRACES_SAMPLER');
  const ofStarter = new Set(environment.TANDEM_RUN_SET?.split(','));
  return Object.freeze({
    disabled: env.get('OTEL_SDK_DISABLED'),
    service: readService(env, resourceAttributes, defaults.directory),
    /** `deployment.environment.name`, where `resourceAttributes` has none. */
    environmentName: env.get('NODE_ENV') ?? 'development',
    resourceAttributes,
    propagators: env.get('OTEL_PROPAGATORS'),
    baggageAttributes: [...new Set([...baggageAttributes, ...env.get('TRACE_BAGGAGE_ATTRIBUTES')])],
    redactAttributes: [...new Set([...redactAttributes, ...env.get('TRACE_REDACT_ATTRIBUTES')])],
    /** Set for a consistent sampler, which the SDK lacks. */
    consistentSampler: CONSISTENT.test(sampler)
      ? { probability: env.get('OTEL_TRACES_SAMPLER_ARG'), parentBased: sampler.startsWith('parentbased_') }
      : undefined,
    exporters: env.get('OTEL_TRACES_EXPORTER'),
    destinations: readDestinations(env, 'TRACES'),
    batch: readBatch(env, 'OTEL_BSP'),
    logs: readLogs(env),
    /** The level of OpenTelemetry's lines about itself. */
    logLevel: DiagLogLevel[level],
    /** The level of the process's lines, and of telemetry's. */
    serviceLogLevel: QUIET[level] ?? env.get('LOG_LEVEL'),
    fastifyLifecycle: env.get('TRACE_FASTIFY_LIFECYCLE'),
    /** The folder that paths of lines of code are relative to; undefined without such lines. */
    codeLocations: folderOf(env.get('TRACE_CODE_LOCATIONS')),
    console: env.get('TRACE_CONSOLE'),
    injectedChannels: env.get('TRACE_INJECTED_CHANNELS'),
    /** Whether what pages request belongs to the test that opened them. */
    browser: env.get('TRACE_BROWSER'),
    statementPlans: env.get('TRACE_STATEMENT_PLANS'),
    lean: env.get('TRACE_LEAN'),
    waits: env.get('TRACE_WAITS'),
    /** Whether spans name the functions of their own time: `run --profile`. */
    profile: env.text('TANDEM_RUN_PROFILE') === 'true',
    /** DATA_DIR as an absolute path. */
    dataDirectory: resolve(baseDirectory, env.get('DATA_DIR')),
    /** The variables that the person has set, without those of the program that starts the process. */
    sources: Object.keys(environment)
      .filter(
        (name) =>
          env.text(name) &&
          !ofStarter.has(name) &&
          (name.startsWith('OTEL_') || Object.hasOwn(VARIABLES, name)),
      )
      .toSorted(),
    /** A sentence for each ignored value, with the value that counts instead. */
    warnings: env.warnings,
  });
}

function folderOf(asked: boolean | string): string | undefined {
  return asked === true ? process.cwd() : asked || undefined;
}

/** Settings of batches: OTEL_BSP_* for spans, OTEL_BLRP_* for log records. Times in milliseconds. */
function readBatch(env: SettingsReader, prefix: 'OTEL_BSP' | 'OTEL_BLRP') {
  const maxQueueSize = env.get(`${prefix}_MAX_QUEUE_SIZE`);
  return {
    maxQueueSize,
    maxExportBatchSize: Math.min(env.get(`${prefix}_MAX_EXPORT_BATCH_SIZE`), maxQueueSize),
    scheduleDelayMs: env.get(`${prefix}_SCHEDULE_DELAY`),
    exportTimeoutMs: env.get(`${prefix}_EXPORT_TIMEOUT`),
  };
}

/**
 * The settings of log records. When the environment names a place for traces only (an endpoint for traces, or the console),
 * no log lines go to the default place, where perhaps nobody listens.
 */
function readLogs(env: SettingsReader) {
  const isAsked = [
    'OTEL_LOGS_EXPORTER',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT',
    'HONEYCOMB_API_KEY',
  ].some((name) => env.text(name) !== undefined);
  const isForTraces =
    env.text('OTEL_TRACES_EXPORTER') === 'console' ||
    env.text('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') !== undefined;
  const exporters = isForTraces && !isAsked ? [] : env.get('OTEL_LOGS_EXPORTER');
  const exceptions = env.get('OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN');
  if (exceptions !== undefined && exporters.length === 0)
    env.warn(
      `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN is ${exceptions}, and no log records are sent: exceptions stay events of spans. Set OTEL_LOGS_EXPORTER=otlp.`,
    );
  return {
    exporters,
    exceptions,
    destinations: exporters.includes('otlp') ? readDestinations(env, 'LOGS') : [],
    batch: readBatch(env, 'OTEL_BLRP'),
  };
}

/** The specification's name for a nameless service. */
const UNNAMED = 'unknown_service:node';

/**
 * The service's name and version: OTEL_SERVICE_NAME, else `service.name` of OTEL_RESOURCE_ATTRIBUTES, else the name in its
 * package.json, without the scope. Otherwise the specification's name, with a warning.
 */
function readService(
  env: SettingsReader,
  given: Readonly<Record<string, string>>,
  directory: string | undefined,
) {
  const manifest = servicePackage(directory);
  const name =
    env.get('OTEL_SERVICE_NAME') || given['service.name'] || manifest.name?.replace(/^@[^/]*\//, '');
  if (!name)
    env.warn(
      `Set OTEL_SERVICE_NAME: ${whyNoName(directory ?? process.cwd())} The service is called ${UNNAMED}.`,
    );
  return { name: name || UNNAMED, version: given['service.version'] ?? manifest.version };
}

function whyNoName(folder: string): string {
  const mayRead = process.permission?.has('fs.read', join(folder, 'package.json')) ?? true;
  return mayRead
    ? `no package.json above ${folder} has a name to use instead.`
    : `--permission keeps this process from the package.json of ${folder}, whose name would be used instead.`;
}
