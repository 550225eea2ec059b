import { SettingsReader } from '../../../process/settings/variables.ts';

const KEY = 'HONEYCOMB_API_KEY';
const HEADERS = 'OTEL_EXPORTER_OTLP_HEADERS';
const TRACES_HEADERS = 'OTEL_EXPORTER_OTLP_TRACES_HEADERS';

/** The unchecked key of an environment, with endpoint and dataset. */
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
 * Finds the key that a process with this environment uses: HONEYCOMB_API_KEY, else the key in the exporter's headers,
 * `OTEL_EXPORTER_OTLP_HEADERS=x-honeycomb-team=…`.
 *
 * @throws Error for a malformed list of OTLP headers, which may hold the key that HONEYCOMB_API_KEY has not
 */
export function findKey(environment: NodeJS.Dict<string>): HoneycombKey {
  const env = new SettingsReader(environment);
  const apiKey = env.text(KEY);
  const endpoint = env.text('HONEYCOMB_API_ENDPOINT');
  if (apiKey !== undefined)
    return { apiKey, endpoint, dataset: env.text('HONEYCOMB_DATASET'), variable: KEY };
  return findInHeaders(env) ?? { apiKey, endpoint, dataset: undefined, variable: undefined };
}

/** The key in the exporter's headers; undefined without one. @throws Error for a malformed list */
function findInHeaders(env: SettingsReader): HoneycombKey | undefined {
  const ofTraces = env.get(TRACES_HEADERS) ?? {};
  const headers = { ...env.get(HEADERS), ...ofTraces };
  const [problem] = env.warnings;
  if (problem !== undefined) throw new Error(problem);
  const apiKey = headers['x-honeycomb-team'];
  if (apiKey === undefined) return undefined;
  const endpoint = env.text('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? env.text('OTEL_EXPORTER_OTLP_ENDPOINT');
  return {
    apiKey,
    endpoint: endpoint?.replace(/\/v1\/traces\/?$/, ''),
    dataset: headers['x-honeycomb-dataset'],
    variable: 'x-honeycomb-team' in ofTraces ? TRACES_HEADERS : HEADERS,
  };
}
