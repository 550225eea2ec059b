import type { HoneycombEndpoint } from '../settings/honeycomb.ts';
import { HONEYCOMB_EU, HONEYCOMB_US, honeycombEndpointOf } from '../settings/honeycomb.ts';

/**
 * Parses the value of HONEYCOMB_API_ENDPOINT; nothing set means the US.
 *
 * @throws Error naming the variable and what it expects
 */
export function parseHoneycombEndpoint(value: string | undefined): HoneycombEndpoint {
  const endpoint = honeycombEndpointOf(value?.trim() || HONEYCOMB_US);
  if (endpoint !== undefined) return endpoint;
  throw new Error(
    'HONEYCOMB_API_ENDPOINT must be the base URL alone, without user, query and /v1/traces, and by https:// for Honeycomb ' +
      `itself: use ${HONEYCOMB_US} (US) or ${HONEYCOMB_EU} (EU)`,
  );
}

/** `the US endpoint https://api.honeycomb.io`, for a sentence. */
export function nameEndpoint({ url, region }: HoneycombEndpoint): string {
  return region === 'other' ? `the endpoint ${url}` : `the ${region} endpoint ${url}`;
}
