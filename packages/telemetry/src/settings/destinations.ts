import { readFileSync } from 'node:fs';
import type { EnvReader } from '../environment/env-reader.ts';
import { quote } from '../environment/env-reader.ts';
import type { OtlpHeader, SignalVariable } from '../environment/otlp-headers.ts';
import { parseHttpUrl } from '../environment/url.ts';
import { honeycombLogsUrl, honeycombTracesUrl } from '../honeycomb/endpoint.ts';
import { honeycombHeaders } from '../honeycomb/headers.ts';
import { isError } from '../is-error.ts';
import type { HoneycombSettings } from './honeycomb.ts';

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

/** Where an OTLP receiver listens when nothing else is said: OpenTelemetry's default. */
const DEFAULT_OTLP_ENDPOINT = 'http://localhost:4318';

const GENERAL = 'OTEL_EXPORTER_OTLP_ENDPOINT';
/** The paths of OTLP/HTTP (OTLP specification, "OTLP/HTTP Request"). */
const PATHS = { TRACES: '/v1/traces', LOGS: '/v1/logs' } as const;

/**
 * The destinations of a signal that the environment asks for, by the OpenTelemetry specification for OTLP exporters: the standard
 * variables, and Honeycomb when its key is set. Without either: the default endpoint. The same place named twice (an
 * OTLP endpoint that already points at Honeycomb) is one destination.
 * What cannot be followed counts as not set, with a warning.
 */
export function readDestinations(
  env: EnvReader,
  signal: SignalVariable,
  otlpHeaders: ReadonlyMap<string, OtlpHeader>,
  honeycomb: HoneycombSettings | undefined,
): Destination[] {
  const given = env.first(ownEndpoint(signal), GENERAL);
  const otherwise =
    honeycomb !== undefined
      ? 'Honeycomb alone'
      : otlpHeaders.size === 0
        ? DEFAULT_OTLP_ENDPOINT
        : `${DEFAULT_OTLP_ENDPOINT}, without headers,`;
  const endpoint = given && readEndpoint(env, signal, otherwise);
  const transport = readTransport(env, signal);
  const destinations: Destination[] = [];

  if (endpoint !== undefined || honeycomb === undefined) {
    const url = endpoint ?? withPath(new URL(DEFAULT_OTLP_ENDPOINT), signal);
    // The credentials for a place that cannot be read are for nobody else.
    const sent = given !== undefined && endpoint === undefined ? [] : [...otlpHeaders];
    const headers = Object.fromEntries(sent.map(([name, { value }]) => [name, value]));
    destinations.push({ name: 'otlp', url: url.href, headers, ...transport });
  }
  if (honeycomb !== undefined) {
    const url = (signal === 'TRACES' ? honeycombTracesUrl : honeycombLogsUrl)(honeycomb.endpoint);
    const headers = honeycombHeaders(honeycomb.apiKey, honeycomb.dataset);
    const { timeoutMs } = transport;
    const addition: Destination = {
      name: 'honeycomb',
      url,
      headers,
      timeoutMs,
      compression: 'gzip',
      tls: undefined,
    };
    const same = destinations.findIndex((destination) => isSamePlace(destination, addition));
    const twin = destinations[same];
    if (twin === undefined) destinations.push(addition);
    else destinations[same] = { ...twin, name: 'honeycomb', headers: { ...headers, ...twin.headers } };
  }
  return destinations;
}

/** The same address, and no team header of another key. */
function isSamePlace(a: Destination, b: Destination): boolean {
  const team = a.headers['x-honeycomb-team'];
  return a.url === b.url && (team === undefined || team === b.headers['x-honeycomb-team']);
}

function ownEndpoint(signal: SignalVariable): string {
  return `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`;
}

/** The signal's own form is used as it is, and goes before the general one, which gets the signal's path. */
function readEndpoint(env: EnvReader, signal: SignalVariable, otherwise: string): URL | undefined {
  const general = env.text(GENERAL) === undefined ? otherwise : GENERAL;
  const own = readUrl(env, ownEndpoint(signal), general);
  if (own !== undefined) return own;
  const url = readUrl(env, GENERAL, otherwise);
  return url && withPath(url, signal);
}

function readUrl(env: EnvReader, variable: string, otherwise: string): URL | undefined {
  const text = env.text(variable);
  const url = text === undefined ? undefined : parseHttpUrl(text);
  if (text === undefined || url !== undefined) return url;
  const problem = `must be a URL like ${DEFAULT_OTLP_ENDPOINT}, not ${quote(text)}.`;
  return env.refuse(variable, problem, undefined, otherwise);
}

function withPath(url: URL, signal: SignalVariable): URL {
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${PATHS[signal]}`;
  return url;
}

function readTransport(
  env: EnvReader,
  signal: SignalVariable,
): Pick<Destination, 'timeoutMs' | 'compression' | 'tls'> {
  for (const name of [`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, 'OTEL_EXPORTER_OTLP_PROTOCOL']) {
    const protocol = env.text(name);
    if (protocol === undefined || protocol === 'http/protobuf') continue;
    const problem = `must be http/protobuf, not ${quote(protocol)}.`;
    const hint = protocol === 'grpc' ? ' (receivers listen for it at port 4318, for gRPC at 4317)' : '';
    env.ignore(name, problem, `http/protobuf is used instead${hint}.`);
  }
  return {
    timeoutMs: transportSetting(env, signal, 'TIMEOUT', 10_000, (name, otherwise) =>
      env.integer(name, otherwise, 1),
    ),
    compression: transportSetting<'none' | 'gzip'>(env, signal, 'COMPRESSION', 'none', (name, otherwise) =>
      env.oneOf(name, ['none', 'gzip'], otherwise),
    ),
    tls: readTls(env, signal),
  };
}

/** The signal's own form, else the general one, else `otherwise`. */
function transportSetting<T>(
  env: EnvReader,
  signal: SignalVariable,
  suffix: string,
  otherwise: T,
  read: (name: string, otherwise: T) => T,
): T {
  const [own, general] = [`OTEL_EXPORTER_OTLP_${signal}_${suffix}`, `OTEL_EXPORTER_OTLP_${suffix}`];
  env.first(own, general);
  return read(own, read(general, otherwise));
}

function readTls(env: EnvReader, signal: SignalVariable): Destination['tls'] {
  const ca = readPem(env, signal, 'CERTIFICATE');
  const cert = readPem(env, signal, 'CLIENT_CERTIFICATE');
  const key = readPem(env, signal, 'CLIENT_KEY');
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? 'CLIENT_CERTIFICATE' : 'CLIENT_KEY';
    env.ignore(
      `OTEL_EXPORTER_OTLP_${missing}`,
      'must be set too: client certificate and key go together.',
      'No client certificate is used.',
    );
  }
  const tls = { ...(ca && { ca }), ...(cert && key && { cert, key }) };
  return Object.keys(tls).length === 0 ? undefined : tls;
}

function readPem(env: EnvReader, signal: SignalVariable, suffix: string): string | undefined {
  const setting = env.first(`OTEL_EXPORTER_OTLP_${signal}_${suffix}`, `OTEL_EXPORTER_OTLP_${suffix}`);
  if (setting === undefined) return undefined;
  const { name, value } = setting;
  const leftOut = 'It is left out.';
  try {
    const pem = readFileSync(value, 'utf8');
    if (pem.includes('-----BEGIN ')) return pem;
    env.ignore(name, `must name a PEM file; ${quote(value)} has no -----BEGIN line.`, leftOut);
  } catch (error) {
    const reason = isError(error) && 'code' in error ? String(error.code) : 'unreadable';
    env.ignore(name, `must name a readable PEM file; ${quote(value)} is not (${reason}).`, leftOut);
  }
  return undefined;
}

/** Whether the environment says where traces go, to an endpoint or to the console, and nothing of where other signals do. */
export function isForTracesOnly(env: EnvReader): boolean {
  return (
    (parseHttpUrl(env.text(ownEndpoint('TRACES')) ?? '') !== undefined ||
      env.text('OTEL_TRACES_EXPORTER') === 'console') &&
    env.text(GENERAL) === undefined &&
    env.text(ownEndpoint('LOGS')) === undefined
  );
}
