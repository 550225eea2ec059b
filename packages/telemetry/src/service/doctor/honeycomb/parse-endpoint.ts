import { HONEYCOMB_EU, HONEYCOMB_US, honeycombBaseUrl } from '../../../process/secrets/honeycomb.ts';

/** The address of Honeycomb's API: `other` is a proxy such as Refinery, or a test. */
export interface HoneycombEndpoint {
  /** Base URL without a trailing slash. */
  readonly url: string;
  readonly region: 'US' | 'EU' | 'other';
}

/**
 * Parses the value of HONEYCOMB_API_ENDPOINT. Undefined means the US.
 *
 * @throws Error naming the variable and its legal values
 */
export function parseHoneycombEndpoint(value: string | undefined): HoneycombEndpoint {
  const url = honeycombBaseUrl(value?.trim() || HONEYCOMB_US);
  if (url !== undefined)
    return { url, region: url === HONEYCOMB_US ? 'US' : url === HONEYCOMB_EU ? 'EU' : 'other' };
  throw new Error(
    'HONEYCOMB_API_ENDPOINT must be the base URL alone, without user, query and /v1/traces, and by https:// for Honeycomb ' +
      `itself: use ${HONEYCOMB_US} (US) or ${HONEYCOMB_EU} (EU)`,
  );
}

/** `the US endpoint https://api.honeycomb.io`, for a sentence. */
export function nameEndpoint({ url, region }: HoneycombEndpoint): string {
  return region === 'other' ? `the endpoint ${url}` : `the ${region} endpoint ${url}`;
}
