import type { EnvReader } from './env-reader.ts';
import { SettingsError } from './env-reader.ts';
import { parseHttpUrl } from './url.ts';

/** The one key that all services share, and where it belongs. */
export interface HoneycombSettings {
  readonly apiKey: string;
  readonly endpoint: string;
  /** For classic keys only. */
  readonly dataset: string | undefined;
}

export const HONEYCOMB_US = 'https://api.honeycomb.io';

/** Honeycomb's settings, or undefined without a key. @throws SettingsError for a malformed endpoint, or a key that cannot be sent as a header */
export function readHoneycomb(env: EnvReader): HoneycombSettings | undefined {
  const endpoint = env.text('HONEYCOMB_API_ENDPOINT') ?? HONEYCOMB_US;
  parseHttpUrl('HONEYCOMB_API_ENDPOINT', endpoint);
  const apiKey = env.text('HONEYCOMB_API_KEY');
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new SettingsError(
      'HONEYCOMB_API_KEY',
      'has a space or a character that no key has; paste the key alone, without quotes or line breaks.',
    );
  }
  return apiKey === undefined ? undefined : { apiKey, endpoint, dataset: env.text('HONEYCOMB_DATASET') };
}
