import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DiagLogLevel } from '@opentelemetry/api';
import type { Environment, Kind, Variable } from './environment.ts';
import * as is from './environment.ts';
import { row } from './environment.ts';
import { HONEYCOMB_EU, HONEYCOMB_US, honeycombBaseUrl, honeycombHeaders } from './honeycomb.ts';

const SAMPLERS = /^(?:parentbased_)?consistent_probability$/;
const HTTP_URL = is.textThat('an http or https URL', (text) =>
  /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
);
const HEADERS: Kind<Readonly<Record<string, string>>> = {
  ...is.PAIRS,
  isSecret: true,
  parse: (text) => legalHeaders(is.PAIRS.parse(text)),
};
const UNSET = is.textThat('left unset', () => false);
const SOME = is.atLeast(1);

/**
 * Every variable that telemetry itself reads: ours, and those of the OpenTelemetry specification that no package of the SDK
 * reads. Samplers, limits and exporters read all other OTEL_* variables.
 *
 * Some defaults are not the specification's. A delay of 300 ms instead of 5 s (1 s for log records) shows a waterfall soon
 * after its request, and a killed process loses less than the last 500 ms. A batch has up to 2048 items instead of 512,
 * because each request to a backend costs half a millisecond.
 */
export const VARIABLES = {
  OTEL_SDK_DISABLED: row(is.FLAG, false, 'no spans at all; the context of callers is passed on'),
  OTEL_SERVICE_NAME: row(
    is.textThat('a name of its own', (text) => !/^unknown_service(:|$)/.test(text)),
    undefined,
    "the service's name; default: that of package.json",
  ),
  OTEL_RESOURCE_ATTRIBUTES: row(is.PAIRS, {}, 'attributes of the resource'),
  OTEL_PROPAGATORS: row(
    is.anyOf(['tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'xray']),
    ['tracecontext', 'baggage'],
    'headers that carry the context',
  ),
  OTEL_TRACES_EXPORTER: row(is.anyOf(['otlp', 'console']), ['otlp'], 'where spans go'),
  OTEL_LOGS_EXPORTER: row(is.anyOf(['otlp']), ['otlp'], 'where log lines go beside standard output'),
  OTEL_LOG_LEVEL: row(
    is.oneOf(['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all']),
    'warn',
    'how much OpenTelemetry says about itself',
  ),
  OTEL_CONFIG_FILE: row(UNSET, undefined, 'a configuration file is not read'),
  OTEL_EXPERIMENTAL_CONFIG_FILE: row(UNSET, undefined, 'a configuration file is not read'),
  OTEL_BSP_MAX_QUEUE_SIZE: row(SOME, 32768, 'spans that wait in memory at most'),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: row(SOME, 2048, 'spans in a batch at most, and never more than wait'),
  OTEL_BSP_SCHEDULE_DELAY: row(is.atLeast(0), 300, 'milliseconds after which a batch is sent'),
  OTEL_BSP_EXPORT_TIMEOUT: row(SOME, 30_000, 'milliseconds that an export may take'),
  OTEL_BLRP_MAX_QUEUE_SIZE: row(SOME, 32768, 'the same for log lines'),
  OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: row(SOME, 2048, 'the same for log lines'),
  OTEL_BLRP_SCHEDULE_DELAY: row(is.atLeast(0), 300, 'the same for log lines'),
  OTEL_BLRP_EXPORT_TIMEOUT: row(SOME, 30_000, 'the same for log lines'),
  HONEYCOMB_API_KEY: row(
    {
      ...is.textThat('22 to 128 letters, digits and _', (text) => /^[\w-]{22,128}$/.test(text)),
      isSecret: true,
    },
    undefined,
    'set: spans and log lines go to Honeycomb too',
  ),
  HONEYCOMB_API_ENDPOINT: row(
    { type: `${HONEYCOMB_US} (US), ${HONEYCOMB_EU} (EU) or a proxy's URL`, parse: honeycombBaseUrl },
    undefined,
    "Honeycomb's API; default: that of the US",
  ),
  HONEYCOMB_DATASET: row(
    is.textThat('a name', () => true),
    undefined,
    'the dataset of a classic key',
  ),
  TRACE_FASTIFY_LIFECYCLE: row(is.FLAG, false, "a span for each of Fastify's hooks and handlers as well"),
  TRACE_LEAN: row(is.FLAG, false, 'spans, their encoding and outgoing requests by the cheap engine'),
  TRACE_BAGGAGE_ATTRIBUTES: row(is.LIST, [], 'baggage that becomes attributes of every span of its trace'),
  TRACE_REDACT_ATTRIBUTES: row(
    is.LIST,
    [],
    'attributes whose values become REDACTED before export; user.* too',
  ),
  DATA_DIR: row(
    is.textThat('a folder', () => true),
    '.data',
    'where spans and log lines wait that cannot be sent',
  ),
  LOG_LEVEL: row(
    is.oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    'info',
    'how much the process says',
  ),
  NODE_ENV: row(
    is.textThat('a name', () => true),
    undefined,
    'deployment.environment.name where OTEL_RESOURCE_ATTRIBUTES has none',
  ),
} as const;

/** Variables of the exporters, which accept any text: a value that no exporter can follow. */
const ENDPOINT = row(HTTP_URL, undefined, 'where spans and log lines go');
export const HEADER_LIST = row(HEADERS, undefined, 'headers of exports');
const PROTOCOL = row(is.oneOf(['http/protobuf']), 'http/protobuf', 'how exports are sent');

type Name = keyof typeof VARIABLES;

/** Where spans or log records are sent by OTLP/HTTP with protobuf. */
export interface Destination {
  /** The name in messages. The exporters read all other settings of `otlp` from OTEL_EXPORTER_OTLP_*. */
  readonly name: 'honeycomb' | 'otlp';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A name that OTEL_PROPAGATORS may list. */
export type PropagatorName = (typeof VARIABLES)['OTEL_PROPAGATORS']['otherwise'][number];

/** Everything about tracing that the environment decides, read once. */
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

/** Reads the settings from an environment, by the table of variables. */
export function readSettings(environment: Environment, defaults: SettingsDefaults = {}) {
  const { directory = process.cwd(), baseDirectory = directory } = defaults;
  const { baggageAttributes = [], redactAttributes = [] } = defaults;
  const env = new SettingsReader(environment);
  env.get('OTEL_CONFIG_FILE');
  env.get('OTEL_EXPERIMENTAL_CONFIG_FILE');
  const resourceAttributes = env.get('OTEL_RESOURCE_ATTRIBUTES');
  const level = env.get('OTEL_LOG_LEVEL').toUpperCase() as keyof typeof DiagLogLevel;
  const sampler = env.text('OTEL_TRACES_SAMPLER') ?? '';
  return Object.freeze({
    disabled: env.get('OTEL_SDK_DISABLED'),
    service: readService(env, resourceAttributes, directory),
    environmentName:
      resourceAttributes['deployment.environment.name'] ?? env.get('NODE_ENV') ?? 'development',
    propagators: env.get('OTEL_PROPAGATORS'),
    baggageAttributes: [...new Set([...baggageAttributes, ...env.get('TRACE_BAGGAGE_ATTRIBUTES')])],
    redactAttributes: [...new Set([...redactAttributes, ...env.get('TRACE_REDACT_ATTRIBUTES')])],
    /** Set for a consistent sampler, which the SDK does not have. */
    consistentSampler: SAMPLERS.test(sampler)
      ? { rates: env.text('OTEL_TRACES_SAMPLER_ARG') ?? '1', parentBased: sampler.startsWith('parentbased_') }
      : undefined,
    exporters: env.get('OTEL_TRACES_EXPORTER'),
    destinations: readDestinations(env, 'TRACES'),
    batch: readBatch(env, 'OTEL_BSP'),
    logs: readLogs(env),
    /** How much OpenTelemetry says of itself. */
    logLevel: DiagLogLevel[level],
    /** How much the process says, and telemetry with it. */
    serviceLogLevel: QUIET[level] ?? env.get('LOG_LEVEL'),
    fastifyLifecycle: env.get('TRACE_FASTIFY_LIFECYCLE'),
    lean: env.get('TRACE_LEAN'),
    /** DATA_DIR as an absolute path. */
    dataDirectory: resolve(baseDirectory, env.get('DATA_DIR')),
    /** Which variables are set. */
    sources: Object.keys(environment)
      .filter((name) => env.text(name) && isAboutTelemetry(name))
      .toSorted(),
    /** A sentence for each value that cannot be followed, with the value that counts instead. */
    warnings: env.warnings,
  });
}

class SettingsReader extends is.EnvironmentReader {
  get<N extends Name>(name: N): (typeof VARIABLES)[N]['otherwise'] {
    // The table has the type of each name; a function over all of them does not.
    return this.read(name, VARIABLES[name] as Variable<(typeof VARIABLES)[N]['otherwise']>);
  }
}

function isAboutTelemetry(name: string): boolean {
  return name.startsWith('OTEL_') || Object.hasOwn(VARIABLES, name);
}

/** OTEL_BSP_* of spans, OTEL_BLRP_* of log records: when a batch is sent. Times in milliseconds. */
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
 * The settings of log records. An environment that names a place for traces only (an endpoint for traces, or the console)
 * sends no log lines to the default place: perhaps nobody listens there.
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
  return {
    exporters,
    destinations: exporters.includes('otlp') ? readDestinations(env, 'LOGS') : [],
    batch: readBatch(env, 'OTEL_BLRP'),
  };
}

/** The paths of OTLP/HTTP (OTLP specification, "OTLP/HTTP Request"). */
const PATHS = { TRACES: '/v1/traces', LOGS: '/v1/logs' } as const;

/**
 * The destinations of a signal: the one of OTEL_EXPORTER_OTLP_*, and Honeycomb when its key is set. Without either: the
 * default endpoint. The same place named twice (an OTLP endpoint that already points at Honeycomb) is one destination. A
 * malformed endpoint is none, so that its credentials go nowhere else.
 */
function readDestinations(env: SettingsReader, signal: keyof typeof PATHS): Destination[] {
  for (const form of ['', `${signal}_`]) env.read(`OTEL_EXPORTER_OTLP_${form}PROTOCOL`, PROTOCOL);
  const headers = {
    ...env.read('OTEL_EXPORTER_OTLP_HEADERS', HEADER_LIST),
    ...env.read(`OTEL_EXPORTER_OTLP_${signal}_HEADERS`, HEADER_LIST),
  };
  const endpoint = readEndpoint(env, signal);
  const otlp: Destination[] = endpoint === undefined ? [] : [{ name: 'otlp', url: endpoint, headers }];
  const honeycomb = readHoneycomb(env, signal);
  if (honeycomb === undefined) return otlp;
  if (!hasEndpoint(env, signal)) return [honeycomb];
  const team = headers['x-honeycomb-team'];
  const isSamePlace =
    endpoint === honeycomb.url && (team === undefined || team === honeycomb.headers['x-honeycomb-team']);
  if (!isSamePlace) return [...otlp, honeycomb];
  return [{ ...honeycomb, headers: { ...honeycomb.headers, ...headers } }];
}

/** The signal's own form is used as it is; the general one gets the signal's path. Undefined for a malformed one. */
function readEndpoint(env: SettingsReader, signal: keyof typeof PATHS): string | undefined {
  if (!hasEndpoint(env, signal)) return `http://localhost:4318${PATHS[signal]}`;
  const own = `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`;
  const url =
    env.text(own) === undefined
      ? env.read('OTEL_EXPORTER_OTLP_ENDPOINT', ENDPOINT)?.replace(/\/*$/, PATHS[signal])
      : env.read(own, ENDPOINT);
  return url && new URL(url).href; // in one form, to be compared
}

function hasEndpoint(env: SettingsReader, signal: keyof typeof PATHS): boolean {
  return ['', `${signal}_`].some((form) => env.text(`OTEL_EXPORTER_OTLP_${form}ENDPOINT`) !== undefined);
}

/** Undefined without a key, and with a misspelt endpoint: spans of a team in the EU must not go to the US. */
function readHoneycomb(env: SettingsReader, signal: keyof typeof PATHS): Destination | undefined {
  const apiKey = env.get('HONEYCOMB_API_KEY');
  const isSet = env.text('HONEYCOMB_API_ENDPOINT') !== undefined;
  const endpoint = isSet ? env.get('HONEYCOMB_API_ENDPOINT') : HONEYCOMB_US;
  if (apiKey === undefined || endpoint === undefined) return undefined;
  const headers = honeycombHeaders(apiKey, env.get('HONEYCOMB_DATASET'));
  return { name: 'honeycomb', url: `${endpoint}${PATHS[signal]}`, headers };
}

function legalHeaders(pairs: Readonly<Record<string, string>> | undefined) {
  try {
    return pairs && Object.fromEntries(new Headers(pairs));
  } catch {
    return undefined;
  }
}

/** The specification's name of a service without one. */
const UNNAMED = 'unknown_service:node';

/**
 * The service's name and version: OTEL_SERVICE_NAME, else `service.name` of OTEL_RESOURCE_ATTRIBUTES, else the name in
 * the nearest package.json above `directory`, without its scope. Without any the specification's name, with a warning.
 */
function readService(env: SettingsReader, given: Readonly<Record<string, string>>, directory: string) {
  const manifest = nearestManifest(directory);
  const name =
    env.get('OTEL_SERVICE_NAME') || given['service.name'] || manifest.name?.replace(/^@[^/]*\//, '');
  if (!name)
    env.warn(
      `OTEL_SERVICE_NAME should be set: no package.json above ${directory} has a name to use instead. The service is called ${UNNAMED}.`,
    );
  return { name: name || UNNAMED, version: given['service.version'] ?? manifest.version };
}

function nearestManifest(folder: string): { readonly name?: string; readonly version?: string } {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    const parent = dirname(folder);
    return parent === folder ? {} : nearestManifest(parent);
  }
}
