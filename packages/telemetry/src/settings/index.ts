import { resolve } from 'node:path';
import type { BatchSettings } from './batch.ts';
import { readBatch } from './batch.ts';
import type { Destination } from './destinations.ts';
import { readDestinations } from './destinations.ts';
import type { Environment, SettingSource } from './env-reader.ts';
import { EnvReader, quote, SettingsError } from './env-reader.ts';
import type { HoneycombSettings } from './honeycomb.ts';
import { readHoneycomb } from './honeycomb.ts';
import { parseKeyValueList } from './key-value-list.ts';
import type { LogLevel } from './log-level.ts';
import { readLogLevel, readServiceLogLevel } from './log-level.ts';
import type { ServiceIdentity } from './service-identity.ts';
import { readServiceIdentity } from './service-identity.ts';
import type { SpanLimits } from './span-limits.ts';
import { readSpanLimits } from './span-limits.ts';

export type { BatchSettings } from './batch.ts';
export type { Destination } from './destinations.ts';
export type { Environment, SettingSource } from './env-reader.ts';
export { SettingsError } from './env-reader.ts';
export type { HoneycombSettings } from './honeycomb.ts';

/** Everything about tracing that the environment decides, read once. */
export interface TelemetrySettings {
  /** OTEL_SDK_DISABLED: no spans at all; the API is a no-op. */
  readonly disabled: boolean;
  readonly service: ServiceIdentity;
  /** OTEL_RESOURCE_ATTRIBUTES. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly environmentName: string;
  /** OTEL_PROPAGATORS, as written; checked when they are made. */
  readonly propagators: readonly string[];
  readonly sampler: { readonly name: string; readonly argument: string | undefined };
  /** OTEL_TRACES_EXPORTER: any of otlp, console; empty for none. */
  readonly exporters: readonly ('otlp' | 'console')[];
  readonly destinations: readonly Destination[];
  readonly honeycomb: HoneycombSettings | undefined;
  readonly batch: BatchSettings;
  readonly spanLimits: SpanLimits;
  /** OTEL_LOG_LEVEL: how much OpenTelemetry says of itself. */
  readonly logLevel: LogLevel;
  /** LOG_LEVEL: how much the process says. */
  readonly serviceLogLevel: string;
  /** TRACE_FASTIFY_LIFECYCLE: a span per hook and handler. */
  readonly fastifyLifecycle: boolean;
  /** TRACE_LEAN_HTTP_CLIENT: spans of outgoing requests from undici's channels directly. */
  readonly leanHttpClient: boolean;
  /** TRACE_STOCK_EXPORTER: OpenTelemetry's own batches and exporter in place of our delivery. */
  readonly stockExporter: boolean;
  /** TRACE_V8_PRETENURING: V8 may allocate in its old generation at once, as it does by itself. */
  readonly pretenuring: boolean;
  /** DATA_DIR as an absolute path. */
  readonly dataDirectory: string;
  /** Which variables the settings came from; all others are defaults. */
  readonly sources: readonly SettingSource[];
}

/** Processes start in their own folders but share one data directory, so a relative one starts here. */
const WORKSPACE = resolve(import.meta.dirname, '../../../..');

/**
 * Reads the settings from an environment, by the OpenTelemetry specification's environment variables and ours.
 * Blank values count as unset.
 *
 * @param directory where to look for the service's package.json
 * @throws SettingsError naming the variable and what it expects
 */
export function readSettings(environment: Environment, directory: string): TelemetrySettings {
  const env = new EnvReader(environment);
  if (env.text('OTEL_CONFIG_FILE') !== undefined) {
    throw new SettingsError(
      'OTEL_CONFIG_FILE',
      'is not supported: set the OTEL_* variables themselves and unset it.',
    );
  }
  const resourceAttributes = parseKeyValueList(
    'OTEL_RESOURCE_ATTRIBUTES',
    env.text('OTEL_RESOURCE_ATTRIBUTES') ?? '',
  );
  const honeycomb = readHoneycomb(env);
  const stockExporter = env.boolean('TRACE_STOCK_EXPORTER', false);
  const settings = {
    disabled: env.boolean('OTEL_SDK_DISABLED', false),
    service: readServiceIdentity(env, resourceAttributes, directory),
    resourceAttributes,
    environmentName:
      resourceAttributes['deployment.environment.name'] ?? env.text('NODE_ENV') ?? 'development',
    propagators: env.list('OTEL_PROPAGATORS') ?? ['tracecontext', 'baggage'],
    sampler: {
      name: env.text('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on',
      argument: env.text('OTEL_TRACES_SAMPLER_ARG'),
    },
    exporters: readExporters(env),
    destinations: readDestinations(env, honeycomb),
    honeycomb,
    batch: readBatch(env, stockExporter),
    spanLimits: readSpanLimits(env),
    logLevel: readLogLevel(env),
    serviceLogLevel: readServiceLogLevel(env),
    fastifyLifecycle: env.boolean('TRACE_FASTIFY_LIFECYCLE', false),
    leanHttpClient: env.boolean('TRACE_LEAN_HTTP_CLIENT', false),
    stockExporter,
    pretenuring: env.boolean('TRACE_V8_PRETENURING', false),
    dataDirectory: resolve(WORKSPACE, env.text('DATA_DIR') ?? '.data'),
  };
  return Object.freeze({ ...settings, sources: env.sources() });
}

function readExporters(env: EnvReader): ('otlp' | 'console')[] {
  const names = env.list('OTEL_TRACES_EXPORTER') ?? ['otlp'];
  const exporters = new Set<'otlp' | 'console'>();
  for (const name of names) {
    if (name === 'otlp' || name === 'console') exporters.add(name);
    else if (name !== 'none' || names.length > 1) {
      throw new SettingsError(
        'OTEL_TRACES_EXPORTER',
        `must be none, or any of otlp, console; ${quote(name)} is not supported.`,
      );
    }
  }
  return [...exporters];
}
