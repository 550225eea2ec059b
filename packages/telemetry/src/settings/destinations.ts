import { readFileSync } from 'node:fs';
import type { OtlpHeader, SignalVariable } from '../environment/headers.ts';
import type { EnvironmentReader } from '../environment/reader.ts';
import type { VariableName } from '../environment/variables.ts';
import type { HoneycombEndpoint } from '../honeycomb/endpoint.ts';
import { parseHoneycombEndpoint } from '../honeycomb/endpoint.ts';
import { honeycombHeaders, parseHoneycombKey } from '../honeycomb/key-form.ts';
import type { HoneycombKey } from '../honeycomb/key-source.ts';
import { isError } from '../is-error.ts';
import { quote } from '../secrets.ts';

/** Where spans or log records are sent by OTLP/HTTP with protobuf. */
export interface Destination {
  /** How messages call it: `honeycomb` or `otlp`. */
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly compression: 'none' | 'gzip';
  /** PEM texts. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
}

/** The one key that all services share, and where it belongs. */
export interface HoneycombSettings {
  readonly apiKey: string;
  readonly endpoint: HoneycombEndpoint;
  /** For classic keys only. */
  readonly dataset: string | undefined;
}

/** Where an OTLP receiver listens when nothing else is said: OpenTelemetry's default. */
const DEFAULT_OTLP_ENDPOINT = 'http://localhost:4318';

const GENERAL = 'OTEL_EXPORTER_OTLP_ENDPOINT';
/** The paths of OTLP/HTTP (OTLP specification, "OTLP/HTTP Request"). */
const PATHS = { TRACES: '/v1/traces', LOGS: '/v1/logs' } as const;

/**
 * The destinations of a signal that the environment asks for, by the OpenTelemetry specification for OTLP exporters: the standard
 * variables, and Honeycomb when its key is set. Without either: the default endpoint. The same place named twice (an
 * OTLP endpoint that already points at Honeycomb) is one destination. What cannot be followed counts as not set, with a
 * warning.
 */
export function readDestinations(
  env: EnvironmentReader,
  signal: SignalVariable,
  otlpHeaders: ReadonlyMap<string, OtlpHeader>,
  honeycomb: HoneycombSettings | undefined,
): Destination[] {
  const given = env.first(ownEndpoint(signal), GENERAL);
  const alone = otlpHeaders.size === 0 ? DEFAULT_OTLP_ENDPOINT : `${DEFAULT_OTLP_ENDPOINT}, without headers,`;
  const endpoint = given && readEndpoint(env, signal, honeycomb ? 'Honeycomb alone' : alone);
  const transport = readTransport(env, signal);
  // The credentials for a place that cannot be read are for nobody else.
  const sent = given !== undefined && endpoint === undefined ? [] : [...otlpHeaders];
  const otlp: Destination = {
    name: 'otlp',
    url: (endpoint ?? withPath(new URL(DEFAULT_OTLP_ENDPOINT), signal)).href,
    headers: Object.fromEntries(sent.map(([name, { value }]) => [name, value])),
    ...transport,
  };
  if (honeycomb === undefined) return [otlp];
  const addition: Destination = {
    name: 'honeycomb',
    url: `${honeycomb.endpoint.url}${PATHS[signal]}`,
    headers: honeycombHeaders(honeycomb.apiKey, honeycomb.dataset),
    timeoutMs: transport.timeoutMs,
    compression: 'gzip',
    tls: undefined,
  };
  if (endpoint === undefined) return [addition];
  if (!isSamePlace(otlp, addition)) return [otlp, addition];
  return [{ ...otlp, name: 'honeycomb', headers: { ...addition.headers, ...otlp.headers } }];
}

/**
 * Honeycomb's settings, or undefined when HONEYCOMB_API_KEY is not set, or cannot be a key. A malformed key is not
 * refused here, and nothing is sent with it. With a malformed endpoint nothing is sent either: the team may be in the EU.
 */
export function readHoneycomb(
  env: EnvironmentReader,
  { apiKey, dataset, variable }: HoneycombKey,
): HoneycombSettings | undefined {
  const name = 'HONEYCOMB_API_ENDPOINT';
  try {
    const endpoint = parseHoneycombEndpoint(env.text(name));
    if (apiKey === undefined || variable !== 'HONEYCOMB_API_KEY') return undefined;
    return parseHoneycombKey(apiKey).kind === 'key' ? { apiKey, endpoint, dataset } : undefined;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    env.warn(name, `${problem.replace(`${name} `, '')}.`, 'Nothing is sent to Honeycomb.');
    return undefined;
  }
}

/** Whether the environment says where traces go, to an endpoint or to the console, and nothing of where other signals do. */
export function isForTracesOnly(env: EnvironmentReader): boolean {
  const isPrinted = env.text('OTEL_TRACES_EXPORTER') === 'console';
  const isNamed = isPrinted || parseHttpUrl(env.text(ownEndpoint('TRACES'))) !== undefined;
  return isNamed && !env.text(GENERAL) && !env.text(ownEndpoint('LOGS'));
}

/** The same address, and no team header of another key. */
function isSamePlace(a: Destination, b: Destination): boolean {
  const team = a.headers['x-honeycomb-team'];
  return a.url === b.url && (team === undefined || team === b.headers['x-honeycomb-team']);
}

function ownEndpoint(signal: SignalVariable) {
  return `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT` as const;
}

/** The signal's own form is used as it is, and goes before the general one, which gets the signal's path. */
function readEndpoint(env: EnvironmentReader, signal: SignalVariable, otherwise: string): URL | undefined {
  const own = readUrl(env, ownEndpoint(signal), env.text(GENERAL) === undefined ? otherwise : GENERAL);
  if (own !== undefined) return own;
  const url = readUrl(env, GENERAL, otherwise);
  return url && withPath(url, signal);
}

function readUrl(env: EnvironmentReader, variable: VariableName, otherwise: string): URL | undefined {
  const text = env.text(variable);
  const url = parseHttpUrl(text);
  if (text !== undefined && url === undefined) {
    const problem = `must be a URL like ${DEFAULT_OTLP_ENDPOINT}, not ${quote(text)}.`;
    env.warn(variable, problem, `${otherwise} is used instead.`);
  }
  return url;
}

function parseHttpUrl(text = ''): URL | undefined {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') ? url : undefined;
}

function withPath(url: URL, signal: SignalVariable): URL {
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${PATHS[signal]}`;
  return url;
}

function readTransport(
  env: EnvironmentReader,
  signal: SignalVariable,
): Pick<Destination, 'timeoutMs' | 'compression' | 'tls'> {
  for (const name of [`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, 'OTEL_EXPORTER_OTLP_PROTOCOL'] as const) {
    const protocol = env.text(name) ?? 'http/protobuf';
    if (protocol === 'http/protobuf') continue;
    const hint = protocol === 'grpc' ? ' (receivers listen for it at port 4318, for gRPC at 4317)' : '';
    env.warn(name, `must be http/protobuf, not ${quote(protocol)}.`, `http/protobuf is used instead${hint}.`);
  }
  return {
    timeoutMs: env.read(`OTEL_EXPORTER_OTLP_${signal}_TIMEOUT`),
    compression: env.read(`OTEL_EXPORTER_OTLP_${signal}_COMPRESSION`),
    tls: readTls(env, signal),
  };
}

function readTls(env: EnvironmentReader, signal: SignalVariable): Destination['tls'] {
  const ca = readPem(env, signal, 'CERTIFICATE');
  const cert = readPem(env, signal, 'CLIENT_CERTIFICATE');
  const key = readPem(env, signal, 'CLIENT_KEY');
  if ((cert === undefined) !== (key === undefined)) {
    const missing =
      cert === undefined ? 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE' : 'OTEL_EXPORTER_OTLP_CLIENT_KEY';
    const problem = 'must be set too: client certificate and key go together.';
    env.warn(missing, problem, 'No client certificate is used.');
  }
  const tls = { ...(ca && { ca }), ...(cert && key && { cert, key }) };
  return Object.keys(tls).length === 0 ? undefined : tls;
}

function readPem(
  env: EnvironmentReader,
  signal: SignalVariable,
  suffix: 'CERTIFICATE' | 'CLIENT_CERTIFICATE' | 'CLIENT_KEY',
): string | undefined {
  const setting = env.first(`OTEL_EXPORTER_OTLP_${signal}_${suffix}`, `OTEL_EXPORTER_OTLP_${suffix}`);
  if (setting === undefined) return undefined;
  const { name, value } = setting;
  try {
    return readFileSync(value, 'utf8');
  } catch (error) {
    const reason = isError(error) && 'code' in error ? String(error.code) : 'unreadable';
    env.warn(name, `must name a readable PEM file; ${quote(value)} is not (${reason}).`, 'It is left out.');
    return undefined;
  }
}
