import type { OtlpHeader } from '../environment/headers.ts';
import { readOtlpHeaders } from '../environment/headers.ts';
import type { Environment } from '../environment/reader.ts';
import { EnvironmentReader } from '../environment/reader.ts';

const KEY = 'HONEYCOMB_API_KEY';

/** The key that a process uses, with what belongs to it, as the environment has them: nothing is checked yet. */
export interface HoneycombKey {
  readonly apiKey: string | undefined;
  /** Base URL; the US when absent. */
  readonly endpoint: string | undefined;
  /** For classic keys. */
  readonly dataset: string | undefined;
  /** The variable that the key came from; undefined when there is no key. */
  readonly variable: string | undefined;
}

/**
 * Finds the key that a process started with this environment uses.
 *
 * @throws SettingsError for a malformed list of OTLP headers: the key may be in it
 */
export function findKey(environment: Environment): HoneycombKey {
  const env = new EnvironmentReader(environment);
  const key = readKey(env, readOtlpHeaders(env, 'TRACES'));
  const [problem] = env.problems;
  if (problem !== undefined) throw problem;
  return key;
}

/** HONEYCOMB_API_KEY, else the key given to the exporter by hand: `OTEL_EXPORTER_OTLP_HEADERS=x-honeycomb-team=…`. */
export function readKey(env: EnvironmentReader, headers: ReadonlyMap<string, OtlpHeader>): HoneycombKey {
  const apiKey = env.text(KEY);
  const team = headers.get('x-honeycomb-team');
  if (apiKey === undefined && team !== undefined) {
    const endpoint = env.first('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT')?.value;
    return {
      apiKey: team.value,
      endpoint: endpoint?.replace(/\/v1\/traces\/?$/, ''),
      dataset: headers.get('x-honeycomb-dataset')?.value,
      variable: team.variable,
    };
  }
  return {
    apiKey,
    endpoint: env.text('HONEYCOMB_API_ENDPOINT'),
    dataset: apiKey === undefined ? undefined : env.text('HONEYCOMB_DATASET'),
    variable: apiKey === undefined ? undefined : KEY,
  };
}
