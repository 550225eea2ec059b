import { readFileSync } from 'node:fs';
import { honeycombTracesUrl } from '../honeycomb/endpoint.ts';
import { honeycombHeaders } from '../honeycomb/headers.ts';
import type { EnvReader } from './env-reader.ts';
import { quote, SettingsError } from './env-reader.ts';
import type { HoneycombSettings } from './honeycomb.ts';
import { parseKeyValueList } from './key-value-list.ts';
import { parseHttpUrl } from './url.ts';

/** Where spans are sent by OTLP/HTTP with protobuf. */
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

/** Where an OTLP receiver listens when nothing else is said (OpenTelemetry's default, and our explorer's). */
export const DEFAULT_OTLP_ENDPOINT = 'http://localhost:4318';

/**
 * The destinations that the environment asks for, by the OpenTelemetry specification for OTLP exporters: the standard
 * variables, and Honeycomb when its key is set. Without either: the default endpoint. The same place named twice (an
 * OTLP endpoint that already points at Honeycomb) is one destination.
 *
 * @throws SettingsError for malformed values, unreadable certificate files and unsupported protocols
 */
export function readDestinations(env: EnvReader, honeycomb: HoneycombSettings | undefined): Destination[] {
  const endpoint = env.first('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT');
  const transport = readTransport(env);
  const destinations: Destination[] = [];

  if (endpoint !== undefined || honeycomb === undefined) {
    const { name, value } = endpoint ?? { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: DEFAULT_OTLP_ENDPOINT };
    const url = name === 'OTEL_EXPORTER_OTLP_ENDPOINT' ? tracesUrl(name, value) : parseHttpUrl(name, value);
    destinations.push({ name: 'otlp', url: url.href, headers: readHeaders(env), ...transport });
  }
  if (honeycomb !== undefined) {
    const url = honeycombTracesUrl(honeycomb.endpoint);
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

function readTransport(env: EnvReader): Pick<Destination, 'timeoutMs' | 'compression' | 'tls'> {
  for (const name of ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']) {
    const protocol = env.text(name);
    if (protocol !== undefined && protocol !== 'http/protobuf') {
      throw new SettingsError(
        name,
        `must be http/protobuf, not ${quote(protocol)}: spans are sent as OTLP over HTTP with protobuf.`,
      );
    }
  }
  const timeout =
    env.first('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT')?.name ??
    'OTEL_EXPORTER_OTLP_TIMEOUT';
  const compression =
    env.first('OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', 'OTEL_EXPORTER_OTLP_COMPRESSION')?.name ??
    'OTEL_EXPORTER_OTLP_COMPRESSION';
  const ca = readPem(env, 'CERTIFICATE');
  const cert = readPem(env, 'CLIENT_CERTIFICATE');
  const key = readPem(env, 'CLIENT_KEY');
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? 'CLIENT_CERTIFICATE' : 'CLIENT_KEY';
    throw new SettingsError(
      `OTEL_EXPORTER_OTLP_${missing}`,
      'must be set too: client certificate and key go together.',
    );
  }
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return {
    timeoutMs: env.integer(timeout, 10_000, 1),
    compression: env.oneOf(compression, ['none', 'gzip'], 'none'),
    tls: Object.keys(tls).length === 0 ? undefined : tls,
  };
}

function readPem(env: EnvReader, suffix: string): string | undefined {
  const setting = env.first(`OTEL_EXPORTER_OTLP_TRACES_${suffix}`, `OTEL_EXPORTER_OTLP_${suffix}`);
  if (setting === undefined) return undefined;
  let pem: string;
  try {
    pem = readFileSync(setting.value, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new SettingsError(
      setting.name,
      `must name a readable PEM file; ${quote(setting.value)} is not (${reason}).`,
    );
  }
  if (!pem.includes('-----BEGIN '))
    throw new SettingsError(
      setting.name,
      `must name a PEM file; ${quote(setting.value)} has no -----BEGIN line.`,
    );
  return pem;
}

/** Header names are lower-cased; general headers hold where the traces form does not name the same one. */
function readHeaders(env: EnvReader): Record<string, string> {
  const headers: Record<string, string> = {};
  const general = 'OTEL_EXPORTER_OTLP_HEADERS';
  for (const name of [general, 'OTEL_EXPORTER_OTLP_TRACES_HEADERS']) {
    const value = env.text(name);
    if (value === undefined) continue;
    for (const [key, headerValue] of Object.entries(parseKeyValueList(name, value))) {
      try {
        new Headers([[key, headerValue]]);
      } catch {
        throw new SettingsError(
          name,
          `names ${quote(key)}, which cannot be sent as an HTTP header (name or value has a character that is not allowed).`,
        );
      }
      const header = key.toLowerCase();
      if (name !== general && header in headers) env.wonOver(name, `${header} of ${general}`);
      headers[header] = headerValue.trim();
    }
  }
  return headers;
}

function tracesUrl(variable: string, base: string): URL {
  const url = parseHttpUrl(variable, base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  return url;
}
