import type { EnvReader } from '../environment/env-reader.ts';
import type { HoneycombEndpoint } from '../honeycomb/endpoint.ts';
import { parseHoneycombEndpoint } from '../honeycomb/endpoint.ts';
import { parseHoneycombKey } from '../honeycomb/key-form.ts';
import type { HoneycombKey } from '../honeycomb/key-source.ts';

/** The one key that all services share, and where it belongs. */
export interface HoneycombSettings {
  readonly apiKey: string;
  readonly endpoint: HoneycombEndpoint;
  /** For classic keys only. */
  readonly dataset: string | undefined;
}

/**
 * Honeycomb's settings, or undefined when HONEYCOMB_API_KEY is not set, or cannot be a key. A malformed key is not
 * refused here, and nothing is sent with it. With a malformed endpoint nothing is sent either: the team may be in the EU.
 */
export function readHoneycomb(env: EnvReader, key: HoneycombKey): HoneycombSettings | undefined {
  const endpoint = readEndpoint(env);
  const { apiKey, dataset, variable } = key;
  if (endpoint === undefined || apiKey === undefined || variable !== 'HONEYCOMB_API_KEY') return undefined;
  return parseHoneycombKey(apiKey).kind === 'key' ? { apiKey, endpoint, dataset } : undefined;
}

function readEndpoint(env: EnvReader): HoneycombEndpoint | undefined {
  const name = 'HONEYCOMB_API_ENDPOINT';
  try {
    return parseHoneycombEndpoint(env.text(name));
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    env.ignore(name, `${problem.replace(`${name} `, '')}.`, 'Nothing is sent to Honeycomb.');
    return undefined;
  }
}
