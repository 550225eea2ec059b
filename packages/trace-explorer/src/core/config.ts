import { resolve } from 'node:path';
import type { Environment, Values, VariableTable } from '@tandem/service-kit/http';
import {
  ConfigError,
  originSetting,
  portSetting,
  processSettings,
  readEnvironment,
  textSetting,
  tokenSetting,
} from '@tandem/service-kit/http';
import { PAGE_PORT } from './live-explorers.ts';

const BYTES_PER_UNIT = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
const MS_PER_UNIT = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Smallest limit of the store: DuckDB's file does not shrink below this size. */
const MIN_BYTES = 16 * BYTES_PER_UNIT.MiB;
const MIN_AGE_MS = MS_PER_UNIT.m;

/** Variables that a part reads. */
export interface PartSettings {
  readonly variables: VariableTable;
  /** What they say, under the name by which the part adds it to `Config`. @throws ConfigError naming the variable */
  read(values: Readonly<Record<string, unknown>>): Partial<Config>;
}

/** The explorer's settings. Parts add theirs. */
export interface Config {
  readonly host: string;
  /** Port of the page and the query API. */
  readonly port: number;
  readonly otlpPort: number;
  /** Port of the OTLP/gRPC receiver; undefined when the receiver is off. */
  readonly otlpGrpcPort: number | undefined;
  /** The store's own directory below DATA_DIR, absolute. */
  readonly storeDirectory: string;
  readonly logLevel: string;
  /** The API that the page's "Try it" calls. Undefined without BACKEND_URL: the two services are elsewhere, or nowhere. */
  readonly apiUrl: string | undefined;
  /** Base URLs of the services whose metrics the explorer reads. The metrics name the account of their Honeycomb key. */
  readonly services: readonly string[];
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Host names of the explorer, besides localhost and addresses. */
  readonly allowedHosts: readonly string[];
  /** Folder of saved queries and calculated fields, absolute. Undefined: nothing can be saved. */
  readonly queryFolder: string | undefined;
  /** The token that requests and senders of spans must carry. */
  readonly token?: string | undefined;
}

const SIZE = /^\d{1,15} ?(B|KiB|MiB|GiB|TiB)?$/;

/** A size with a unit. @param what what has this size */
export function sizeSetting(fallback: string, what: string) {
  return textSetting(fallback, `a size such as ${fallback} or 500MiB`, SIZE, what);
}

/** The core's variables. */
export const settings = {
  HOST: processSettings.HOST,
  PORT: portSetting(PAGE_PORT),
  OTLP_PORT: portSetting(4318, 'for OTLP over HTTP'),
  OTLP_GRPC_PORT: textSetting(
    '4317',
    'a port from 1 to 65535, or off',
    (text) => text === 'off' || (/^\d{1,5}$/.test(text) && Number(text) <= 65535),
    'for OTLP over gRPC',
  ),
  DATA_DIR: processSettings.DATA_DIR,
  LOG_LEVEL: processSettings.LOG_LEVEL,
  BACKEND_URL: originSetting('http://localhost:4567', 'activities-api; with it, the page has *Try it*'),
  USER_LOOKUP_URL: originSetting('http://localhost:4568', 'user-lookup, for its metrics'),
  EXPLORER_SERVICES: textSetting(
    undefined,
    'services such as activities-api=http://localhost:4567, separated by commas',
    /^[^=,\s]+=https?:\/\/[^=,\s/]+( ?, ?[^=,\s]+=https?:\/\/[^=,\s/]+)*$/,
    'their /metrics say whose Honeycomb key they send with; unset: the two services',
  ),
  EXPLORER_MAX_BYTES: sizeSetting('1GiB', 'how much it keeps'),
  EXPLORER_MAX_AGE: textSetting(
    '7d',
    'a length of time such as 7d, 12h or 30m',
    /^\d{1,9} ?[smhd]$/,
    'how long it keeps data',
  ),
  EXPLORER_QUERIES: textSetting(
    undefined,
    'a folder',
    () => true,
    'for saved queries and calculated fields; unset: a folder `saved` beside its data',
  ),
  EXPLORER_TOKEN: tokenSetting('page, API and receiver ask for it'),
  EXPLORER_ALLOWED_HOSTS: textSetting(
    'explorer,host.docker.internal',
    'host names separated by commas, without ports',
    /^[A-Za-z0-9_.-]+( ?, ?[A-Za-z0-9_.-]+)*$/,
    'the explorer answers for them and localhost; behind a proxy, the host name of the page',
  ),
};

/**
 * Reads the settings from the environment. A relative folder is one of the working folder.
 * @param ofParts settings that the parts add
 * @throws ConfigError naming the variable
 */
export function readConfig(env: Environment = process.env, ofParts: readonly PartSettings[] = []): Config {
  const all: typeof settings = Object.assign({}, settings, ...ofParts.map((each) => each.variables));
  const values: Values<typeof settings> = readEnvironment(all, env);
  const maxBytes = readBytes('EXPLORER_MAX_BYTES', values.EXPLORER_MAX_BYTES);
  const maxAgeMs = scaled(values.EXPLORER_MAX_AGE, MS_PER_UNIT);
  if (maxAgeMs < MIN_AGE_MS) throw tooSmall('EXPLORER_MAX_AGE', values.EXPLORER_MAX_AGE, '1m or more');
  const otlpGrpcPort = Number.parseInt(values.OTLP_GRPC_PORT, 10) || undefined; // also for `off`
  const { PORT, OTLP_PORT } = values;
  if (PORT === OTLP_PORT && PORT !== 0) throw samePort('OTLP_PORT', OTLP_PORT, 'PORT');
  if (otlpGrpcPort === PORT) throw samePort('OTLP_GRPC_PORT', PORT, 'PORT');
  if (otlpGrpcPort === OTLP_PORT) throw samePort('OTLP_GRPC_PORT', OTLP_PORT, 'OTLP_PORT');
  return Object.freeze({
    host: values.HOST,
    port: values.PORT,
    otlpPort: values.OTLP_PORT,
    otlpGrpcPort,
    storeDirectory: resolve(values.DATA_DIR, 'explorer'),
    logLevel: values.LOG_LEVEL,
    apiUrl: env.BACKEND_URL ? values.BACKEND_URL.replace(/\/$/, '') : undefined,
    services: values.EXPLORER_SERVICES?.split(/ ?, ?/).map((entry) => entry.replace(/^.*?=/, '')) ?? [
      values.BACKEND_URL,
      values.USER_LOOKUP_URL,
    ],
    maxBytes,
    maxAgeMs,
    allowedHosts: values.EXPLORER_ALLOWED_HOSTS.split(/ ?, ?/),
    queryFolder: values.EXPLORER_QUERIES && resolve(values.EXPLORER_QUERIES),
    token: values.EXPLORER_TOKEN,
    ...Object.assign({}, ...ofParts.map((each) => each.read(values))),
  });
}

function samePort(variable: string, port: number, other: string): ConfigError {
  return new ConfigError(variable, `${variable} must be another port than ${other}, not ${port} too.`);
}

/** A size such as `1GiB` in bytes. @throws ConfigError for less than a store or a folder of waiting data needs */
export function readBytes(variable: string, text: string): number {
  const bytes = scaled(text, BYTES_PER_UNIT);
  if (bytes < MIN_BYTES) throw tooSmall(variable, text, '16MiB or more');
  return bytes;
}

/** `1GiB` in bytes, `7d` in milliseconds. A number without a unit stays as it is. */
function scaled(text: string, scale: Readonly<Record<string, number>>): number {
  const [, digits, unit = ''] = /^(\d+)(?!\d) ?(\w*)$/.exec(text) ?? [];
  return Number(digits) * (scale[unit] ?? 1);
}

function tooSmall(variable: string, given: string, expected: string): ConfigError {
  return new ConfigError(variable, `${variable} must be ${expected}, not "${given}".`);
}
