import type { HoneycombEndpoint } from '../honeycomb/endpoint.ts';
import { parseHoneycombEndpoint } from '../honeycomb/endpoint.ts';
import { parseHoneycombKey } from '../honeycomb/key-form.ts';
import type { EnvReader } from './env-reader.ts';
import { SettingsError } from './env-reader.ts';

/** The one key that all services share, and where it belongs. */
export interface HoneycombSettings {
  readonly apiKey: string;
  readonly endpoint: HoneycombEndpoint;
  /** For classic keys only. */
  readonly dataset: string | undefined;
}

/**
 * Honeycomb's settings, or undefined without a key that could be one. A malformed key is not refused here, and nothing
 * is sent with it: start-up says in one line what is wrong with it, and the service runs.
 *
 * @throws SettingsError for a malformed endpoint
 */
export function readHoneycomb(env: EnvReader): HoneycombSettings | undefined {
  const endpoint = readEndpoint(env);
  const apiKey = env.text('HONEYCOMB_API_KEY');
  if (apiKey === undefined || parseHoneycombKey(apiKey).kind !== 'key') return undefined;
  return { apiKey, endpoint, dataset: env.text('HONEYCOMB_DATASET') };
}

function readEndpoint(env: EnvReader): HoneycombEndpoint {
  const name = 'HONEYCOMB_API_ENDPOINT';
  try {
    return parseHoneycombEndpoint(env.text(name));
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new SettingsError(name, `${problem.replace(`${name} `, '')}.`);
  }
}
