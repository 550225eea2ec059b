import { resolve } from 'node:path';
import type { Environment, SettingSource } from '../environment/env-reader.ts';
import { EnvReader } from '../environment/env-reader.ts';
import { parseKeyValueList } from '../environment/key-value-list.ts';
import { readOtlpHeaders } from '../environment/otlp-headers.ts';
import type { HoneycombKey } from '../honeycomb/key-source.ts';
import { readKey } from '../honeycomb/key-source.ts';
import type { BatchSettings } from './batch.ts';
import { readBatch } from './batch.ts';
import type { Destination } from './destinations.ts';
import { readDestinations } from './destinations.ts';
import type { ExceptionSignal } from './exception-signal.ts';
import { readExceptionSignal } from './exception-signal.ts';
import type { ExporterName } from './exporters.ts';
import { readExporters } from './exporters.ts';
import type { HoneycombSettings } from './honeycomb.ts';
import { readHoneycomb } from './honeycomb.ts';
import type { LogLevel } from './log-level.ts';
import { readLogLevel, readServiceLogLevel } from './log-level.ts';
import type { LogSettings } from './logs.ts';
import { readLogs } from './logs.ts';
import type { PropagatorName } from './propagators.ts';
import { readPropagators } from './propagators.ts';
import { readRedaction } from './redaction.ts';
import type { SamplerSettings } from './sampler.ts';
import { readSampler } from './sampler.ts';
import type { ServiceIdentity } from './service-identity.ts';
import { readServiceIdentity } from './service-identity.ts';
import type { SpanLimits } from './span-limits.ts';
import { readSpanLimits } from './span-limits.ts';

export type { Environment, SettingSource } from '../environment/env-reader.ts';
export { SettingsError } from '../environment/env-reader.ts';
export type { BatchSettings } from './batch.ts';
export type { Destination } from './destinations.ts';
export type { HoneycombSettings } from './honeycomb.ts';
export type { LogSettings } from './logs.ts';

const DEFAULT_DATA_DIRECTORY = '.data';

/** Everything about tracing that the environment decides, read once. */
export interface TelemetrySettings {
  /** OTEL_SDK_DISABLED: no spans at all; contexts are passed on. */
  readonly disabled: boolean;
  readonly service: ServiceIdentity;
  /** OTEL_RESOURCE_ATTRIBUTES. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly environmentName: string;
  readonly propagators: readonly PropagatorName[];
  /** TRACE_BAGGAGE_ATTRIBUTES: baggage that becomes attributes of spans. */
  readonly baggageAttributes: readonly string[];
  /** TRACE_REDACT_ATTRIBUTES: keys, or beginnings of keys with `*`, whose values are not exported. */
  readonly redactAttributes: readonly string[];
  readonly sampler: SamplerSettings;
  /** OTEL_TRACES_EXPORTER: any of otlp, console; empty for none. */
  readonly exporters: readonly ExporterName[];
  readonly destinations: readonly Destination[];
  /** The key as it was found, malformed or not; see `honeycomb` for one that is used. */
  readonly honeycombKey: HoneycombKey;
  readonly honeycomb: HoneycombSettings | undefined;
  readonly batch: BatchSettings;
  readonly logs: LogSettings;
  /** OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: what exceptions that are recorded here become. */
  readonly exceptionSignal: ExceptionSignal;
  readonly spanLimits: SpanLimits;
  /** OTEL_LOG_LEVEL: how much OpenTelemetry says of itself. */
  readonly logLevel: LogLevel;
  /** LOG_LEVEL: how much the process says. */
  readonly serviceLogLevel: string;
  /** TRACE_FASTIFY_LIFECYCLE: a span per hook and handler. */
  readonly fastifyLifecycle: boolean;
  /** TRACE_LEAN_HTTP_CLIENT: spans of outgoing requests from undici's channels directly. */
  readonly leanHttpClient: boolean;
  /** DATA_DIR as an absolute path. */
  readonly dataDirectory: string;
  /** Which variables the settings came from; all others are defaults. */
  readonly sources: readonly SettingSource[];
  /** Values that cannot be followed, each in a sentence that says what is done instead. */
  readonly warnings: readonly string[];
}

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
 * Reads the settings from an environment, by the OpenTelemetry specification's environment variables and ours.
 * Blank values count as unset, and so does a value that cannot be followed: `warnings` name it.
 */
export function readSettings(environment: Environment, defaults: SettingsDefaults = {}): TelemetrySettings {
  const { directory = process.cwd(), baseDirectory = directory } = defaults;
  const env = new EnvReader(environment);
  for (const name of ['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE'])
    if (env.text(name) !== undefined)
      env.ignore(name, 'is not supported here.', 'The OTEL_* variables themselves are used instead.');
  const resourceAttributes = readResourceAttributes(env);
  const ofSpans = {
    disabled: env.boolean('OTEL_SDK_DISABLED', false),
    service: readServiceIdentity(env, resourceAttributes, directory),
    resourceAttributes,
    environmentName:
      resourceAttributes['deployment.environment.name'] ?? env.text('NODE_ENV') ?? 'development',
    propagators: readPropagators(env),
    baggageAttributes: unique(defaults.baggageAttributes, env.list('TRACE_BAGGAGE_ATTRIBUTES')),
    redactAttributes: readRedaction(env, defaults.redactAttributes),
    sampler: readSampler(env),
    exporters: readExporters(env, 'TRACES'),
    ...readPlaces(env),
    batch: readBatch(env, 'OTEL_BSP'),
  };
  const logs = readLogs(env, ofSpans.honeycomb);
  const settings = {
    ...ofSpans,
    logs,
    exceptionSignal: readExceptionSignal(env, logs.exporters.length > 0),
    spanLimits: readSpanLimits(env),
    logLevel: readLogLevel(env),
    serviceLogLevel: readServiceLogLevel(env),
    fastifyLifecycle: env.boolean('TRACE_FASTIFY_LIFECYCLE', false),
    leanHttpClient: env.boolean('TRACE_LEAN_HTTP_CLIENT', false),
    dataDirectory: resolve(baseDirectory, env.text('DATA_DIR') ?? DEFAULT_DATA_DIRECTORY),
  };
  const warnings = unique(
    env.ignored.map(({ variable, problem, instead }) => `${variable} ${problem} ${instead}`), // read for two signals
  );
  return Object.freeze({ ...settings, sources: env.sources(), warnings });
}

/** The specification wants the whole list to be left out for one malformed entry. */
function readResourceAttributes(env: EnvReader): Record<string, string> {
  const variable = 'OTEL_RESOURCE_ATTRIBUTES';
  const { entries, problems } = parseKeyValueList(env.text(variable) ?? '');
  if (problems.length === 0) return Object.fromEntries(entries);
  env.ignore(variable, problems.join(' It '), 'None of them is used.');
  return {};
}

/** Where spans go; the OTLP headers are parsed once, for the destination and for the key that may be among them. */
function readPlaces(env: EnvReader): Pick<TelemetrySettings, 'destinations' | 'honeycombKey' | 'honeycomb'> {
  const headers = readOtlpHeaders(env, 'TRACES');
  const honeycombKey = readKey(env, headers);
  const honeycomb = readHoneycomb(env, honeycombKey);
  return { honeycombKey, honeycomb, destinations: readDestinations(env, 'TRACES', headers, honeycomb) };
}

function unique(...lists: readonly (readonly string[] | undefined)[]): string[] {
  return [...new Set(lists.flatMap((list) => list ?? []))];
}
