import { HONEYCOMB_US, honeycombHeaders } from './honeycomb.ts';
import type { EnvironmentReader } from './reader.ts';
import { formOf } from './variables.ts';

/** Where spans or log records are sent by OTLP/HTTP with protobuf. */
export interface Destination {
  /** The name in messages: `honeycomb` or `otlp`. */
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly compression: 'none' | 'gzip';
  /** PEM texts. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
}

type Signal = 'TRACES' | 'LOGS';

const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const HEADERS = 'OTEL_EXPORTER_OTLP_HEADERS';

/** OpenTelemetry's default. */
const DEFAULT_OTLP_ENDPOINT = 'http://localhost:4318';

/** The paths of OTLP/HTTP (OTLP specification, "OTLP/HTTP Request"). */
const PATHS = { TRACES: '/v1/traces', LOGS: '/v1/logs' } as const;

/**
 * The destinations of a signal that the environment asks for, by the OpenTelemetry specification for OTLP exporters: the
 * standard variables, and Honeycomb when its key is set. Without either: the default endpoint. The same place named twice
 * (an OTLP endpoint that already points at Honeycomb) is one destination.
 */
export function readDestinations(env: EnvironmentReader, signal: Signal): Destination[] {
  const given = readEndpoint(env, signal);
  const isNamed = env.text(formOf(ENDPOINT, signal)) !== undefined || env.text(ENDPOINT) !== undefined;
  const headers = { ...env.read(HEADERS), ...env.read(HEADERS, signal) };
  const otlp: Destination = {
    name: 'otlp',
    url: given ?? `${DEFAULT_OTLP_ENDPOINT}${PATHS[signal]}`,
    // Credentials for a malformed endpoint are sent nowhere else.
    headers: isNamed && given === undefined ? {} : headers,
    timeoutMs: env.read('OTEL_EXPORTER_OTLP_TIMEOUT', signal),
    compression: env.read('OTEL_EXPORTER_OTLP_COMPRESSION', signal),
    tls: readTls(env, signal),
  };
  env.read('OTEL_EXPORTER_OTLP_PROTOCOL', signal); // only for the warning: there is one protocol
  const honeycomb = readHoneycomb(env, signal);
  if (honeycomb === undefined) return [otlp];
  if (given === undefined) return [{ ...otlp, ...honeycomb }];
  const team = otlp.headers['x-honeycomb-team'];
  const isSamePlace =
    given === honeycomb.url && (team === undefined || team === honeycomb.headers['x-honeycomb-team']);
  if (!isSamePlace) return [otlp, { ...otlp, ...honeycomb }];
  return [{ ...otlp, name: 'honeycomb', headers: { ...honeycomb.headers, ...otlp.headers } }];
}

/** Undefined without a key, and with a misspelt endpoint: spans of a team in the EU must not go to the US. */
function readHoneycomb(env: EnvironmentReader, signal: Signal) {
  const apiKey = env.read('HONEYCOMB_API_KEY');
  const isSet = env.text('HONEYCOMB_API_ENDPOINT') !== undefined;
  const endpoint = isSet ? env.read('HONEYCOMB_API_ENDPOINT') : HONEYCOMB_US;
  if (apiKey === undefined || endpoint === undefined) return undefined;
  return {
    name: 'honeycomb',
    url: `${endpoint}${PATHS[signal]}`,
    headers: honeycombHeaders(apiKey, env.read('HONEYCOMB_DATASET')),
    compression: 'gzip',
    tls: undefined,
  } as const;
}

/** The signal's own form is used as it is; the general one gets the signal's path. */
function readEndpoint(env: EnvironmentReader, signal: Signal): string | undefined {
  const text = env.read(ENDPOINT, signal);
  if (text === undefined) return undefined;
  const url = new URL(text);
  if (!env.sources.includes(formOf(ENDPOINT, signal)))
    url.pathname = `${url.pathname.replace(/\/+$/, '')}${PATHS[signal]}`;
  return url.href;
}

function readTls(env: EnvironmentReader, signal: Signal): Destination['tls'] {
  const ca = env.read('OTEL_EXPORTER_OTLP_CERTIFICATE', signal);
  const cert = env.read('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', signal);
  const key = env.read('OTEL_EXPORTER_OTLP_CLIENT_KEY', signal);
  // A certificate or a key alone is of no use.
  const tls = { ...(ca && { ca }), ...(cert && key && { cert, key }) };
  return Object.keys(tls).length === 0 ? undefined : tls;
}
