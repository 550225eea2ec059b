import type { HoneycombEndpoint } from '../honeycomb/endpoint.ts';
import { parseHoneycombEndpoint } from '../honeycomb/endpoint.ts';
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
 * Honeycomb's settings, or undefined without a key. A key of an odd form is not refused here: start-up says what is
 * wrong with it in one line, and the service runs.
 *
 * @throws SettingsError for a malformed endpoint, or a key that cannot be sent as a header
 */
export function readHoneycomb(env: EnvReader): HoneycombSettings | undefined {
  const endpoint = readEndpoint(env);
  const apiKey = env.text('HONEYCOMB_API_KEY');
  if (apiKey === undefined) return undefined;
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new SettingsError(
      'HONEYCOMB_API_KEY',
      'has a space or a character that no key has; paste the key alone, without quotes or line breaks.',
    );
  }
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
