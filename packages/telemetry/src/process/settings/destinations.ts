import { HONEYCOMB_US, honeycombHeaders } from '../secrets/honeycomb.ts';
import type { SettingsReader } from './variables.ts';

/** A place that takes spans or log records by OTLP/HTTP with protobuf, and how requests are sent there. */
export interface Destination {
  /** The name in messages. */
  readonly name: 'honeycomb' | 'otlp';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly compression: 'gzip' | 'none';
  /** In PEM, the certificates of servers, and the certificate and key of this process. */
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

/** The paths of OTLP/HTTP (OTLP specification, "OTLP/HTTP Request"). */
const PATHS = { TRACES: '/v1/traces', LOGS: '/v1/logs' } as const;

type SignalOfVariable = keyof typeof PATHS;

/**
 * The destinations of a signal: OTEL_EXPORTER_OTLP_*, and Honeycomb when a key is set. Without both, the default endpoint.
 * A place that is named twice (an OTLP endpoint at Honeycomb) is one destination. A malformed endpoint is left out,
 * with its credentials: another address must not get these.
 */
export function readDestinations(env: SettingsReader, signal: SignalOfVariable): Destination[] {
  const { headers, tls, compression, timeoutMs } = readRequests(env, signal);
  const url = readEndpoint(env, signal);
  const otlp: Destination[] =
    url === undefined
      ? []
      : [{ name: 'otlp', url, headers, timeoutMs, compression: compression ?? 'none', tls }];
  const place = readHoneycomb(env, signal);
  if (place === undefined) return otlp;
  const honeycomb = {
    name: 'honeycomb',
    ...place,
    timeoutMs,
    compression: compression ?? 'gzip',
    tls: {},
  } as const;
  if (!hasEndpoint(env, signal)) return [honeycomb];
  const team = headers['x-honeycomb-team'];
  const isSamePlace = url === place.url && (team === undefined || team === place.headers['x-honeycomb-team']);
  if (!isSamePlace) return [...otlp, honeycomb];
  return [{ ...honeycomb, headers: { ...place.headers, ...headers }, tls }];
}

/** Reads how requests of a signal are sent. The signal's own form of a variable wins; lists of headers are put together. */
function readRequests(env: SettingsReader, signal: SignalOfVariable) {
  const [general, own] = ['OTEL_EXPORTER_OTLP_', `OTEL_EXPORTER_OTLP_${signal}_`] as const;
  for (const form of [general, own]) env.get(`${form}PROTOCOL`); // for the warning
  const [ca, cert, key] = (['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY'] as const).map(
    (name) => env.get(`${own}${name}`) ?? env.get(`${general}${name}`),
  );
  return {
    headers: { ...env.get(`${general}HEADERS`), ...env.get(`${own}HEADERS`) },
    timeoutMs: env.get(`${own}TIMEOUT`) ?? env.get(`${general}TIMEOUT`) ?? 10_000,
    compression: env.get(`${own}COMPRESSION`) ?? env.get(`${general}COMPRESSION`),
    tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
  };
}

/** Uses the signal's own endpoint unchanged, or adds the signal's path to the general one. Undefined when malformed. */
function readEndpoint(env: SettingsReader, signal: SignalOfVariable): string | undefined {
  if (!hasEndpoint(env, signal)) return `http://localhost:4318${PATHS[signal]}`;
  const own = `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT` as const;
  const url =
    env.text(own) === undefined
      ? env.get('OTEL_EXPORTER_OTLP_ENDPOINT')?.replace(/(?<!\/)\/*$/, PATHS[signal])
      : env.get(own);
  return url && new URL(url).href; // one form, for comparison
}

function hasEndpoint(env: SettingsReader, signal: SignalOfVariable): boolean {
  return ['', `${signal}_`].some((form) => env.text(`OTEL_EXPORTER_OTLP_${form}ENDPOINT`) !== undefined);
}

/** Undefined without a key, and for a misspelt endpoint: spans of a team in the EU must not go to the US. */
function readHoneycomb(env: SettingsReader, signal: SignalOfVariable) {
  const apiKey = env.get('HONEYCOMB_API_KEY');
  const isSet = env.text('HONEYCOMB_API_ENDPOINT') !== undefined;
  const endpoint = isSet ? env.get('HONEYCOMB_API_ENDPOINT') : HONEYCOMB_US;
  if (apiKey === undefined || endpoint === undefined) return undefined;
  const headers = honeycombHeaders(apiKey, env.get('HONEYCOMB_DATASET'));
  return { url: `${endpoint}${PATHS[signal]}`, headers };
}
