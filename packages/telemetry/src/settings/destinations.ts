import type { HoneycombEndpoint } from './honeycomb.ts';
import { honeycombHeaders } from './honeycomb.ts';
import type { EnvironmentReader } from './reader.ts';
import { formOf } from './variables.ts';

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

type Signal = 'TRACES' | 'LOGS';

const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const HEADERS = 'OTEL_EXPORTER_OTLP_HEADERS';

/** Where an OTLP receiver listens when nothing else is said: OpenTelemetry's default. */
const DEFAULT_OTLP_ENDPOINT = 'http://localhost:4318';

/** The paths of OTLP/HTTP (OTLP specification, "OTLP/HTTP Request"). */
const PATHS = { TRACES: '/v1/traces', LOGS: '/v1/logs' } as const;

/**
 * The destinations of a signal that the environment asks for, by the OpenTelemetry specification for OTLP exporters: the
 * standard variables, and Honeycomb when its key is set. Without either: the default endpoint. The same place named twice
 * (an OTLP endpoint that already points at Honeycomb) is one destination.
 */
export function readDestinations(
  env: EnvironmentReader,
  signal: Signal,
  honeycomb: HoneycombSettings | undefined,
): Destination[] {
  const given = readEndpoint(env, signal);
  const isNamed = env.text(formOf(ENDPOINT, signal)) !== undefined || env.text(ENDPOINT) !== undefined;
  const headers = { ...env.read(HEADERS), ...env.read(HEADERS, signal) };
  const otlp: Destination = {
    name: 'otlp',
    url: given ?? `${DEFAULT_OTLP_ENDPOINT}${PATHS[signal]}`,
    // The credentials for a place that cannot be read are for nobody else.
    headers: isNamed && given === undefined ? {} : headers,
    timeoutMs: env.read('OTEL_EXPORTER_OTLP_TIMEOUT', signal),
    compression: env.read('OTEL_EXPORTER_OTLP_COMPRESSION', signal),
    tls: readTls(env, signal),
  };
  env.read('OTEL_EXPORTER_OTLP_PROTOCOL', signal); // there is one only, but a warning if another is asked for
  if (honeycomb === undefined) return [otlp];
  const addition: Destination = {
    name: 'honeycomb',
    url: `${honeycomb.endpoint.url}${PATHS[signal]}`,
    headers: honeycombHeaders(honeycomb.apiKey, honeycomb.dataset),
    timeoutMs: otlp.timeoutMs,
    compression: 'gzip',
    tls: undefined,
  };
  if (given === undefined) return [addition];
  if (!isSamePlace(otlp, addition)) return [otlp, addition];
  return [{ ...otlp, name: 'honeycomb', headers: { ...addition.headers, ...otlp.headers } }];
}

/** Whether the environment says where traces go, to an endpoint or to the console, and nothing of where other signals do. */
export function isForTracesOnly(env: EnvironmentReader): boolean {
  const isPrinted = env.text('OTEL_TRACES_EXPORTER') === 'console';
  const isElsewhere = env.text(ENDPOINT) !== undefined || env.text(formOf(ENDPOINT, 'LOGS')) !== undefined;
  return !isElsewhere && (isPrinted || env.read(ENDPOINT, 'TRACES') !== undefined);
}

/** The same address, and no team header of another key. */
function isSamePlace(a: Destination, b: Destination): boolean {
  const team = a.headers['x-honeycomb-team'];
  return a.url === b.url && (team === undefined || team === b.headers['x-honeycomb-team']);
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
  if ((cert === undefined) !== (key === undefined)) {
    const missing = `OTEL_EXPORTER_OTLP_CLIENT_${cert === undefined ? 'CERTIFICATE' : 'KEY'}`;
    env.warn(missing, 'must be set too: certificate and key go together.', 'No client certificate is used.');
  }
  const tls = { ...(ca && { ca }), ...(cert && key && { cert, key }) };
  return Object.keys(tls).length === 0 ? undefined : tls;
}
