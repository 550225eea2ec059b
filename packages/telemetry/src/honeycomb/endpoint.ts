/** Honeycomb's API for teams in the US, without a trailing slash. */
export const HONEYCOMB_US = 'https://api.honeycomb.io';
/** Honeycomb's API for teams in the EU, without a trailing slash. */
export const HONEYCOMB_EU = 'https://api.eu1.honeycomb.io';

/** Where Honeycomb's API is asked: `other` is a proxy such as Refinery, or a test. */
export interface HoneycombEndpoint {
  /** Base URL without a trailing slash. */
  readonly url: string;
  readonly region: 'US' | 'EU' | 'other';
}

/**
 * Parses the value of HONEYCOMB_API_ENDPOINT; nothing set means the US.
 *
 * @throws Error naming the variable and what it expects; the key travels in a header, so plain http is refused for
 *   Honeycomb itself
 */
export function parseHoneycombEndpoint(value: string | undefined): HoneycombEndpoint {
  const url = URL.parse(value?.trim() || HONEYCOMB_US);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw endpointError('is not a URL that begins with https://');
  const isBase = url.username + url.password + url.search + url.hash === '';
  if (!isBase || /\/v1\/(?:traces|metrics|logs)\/?$/.test(url.pathname))
    throw endpointError('must be the base URL alone, without user, query, fragment and /v1/traces');
  const isOfHoneycomb = /(?:^|\.)honeycomb\.io$/.test(url.hostname);
  if (isOfHoneycomb && !(url.protocol === 'https:' && url.hostname.startsWith('api.')))
    throw endpointError("must be Honeycomb's API, by https://: the key would travel unencrypted");
  const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  return { url: base, region: base === HONEYCOMB_US ? 'US' : base === HONEYCOMB_EU ? 'EU' : 'other' };
}

/** The URL that spans are posted to as OTLP/HTTP. */
export function honeycombTracesUrl(endpoint: HoneycombEndpoint): string {
  return `${endpoint.url}/v1/traces`;
}

/** `the US endpoint https://api.honeycomb.io`, for a sentence. */
export function nameEndpoint({ url, region }: HoneycombEndpoint): string {
  return region === 'other' ? `the endpoint ${url}` : `the ${region} endpoint ${url}`;
}

function endpointError(problem: string): Error {
  return new Error(`HONEYCOMB_API_ENDPOINT ${problem}: use ${HONEYCOMB_US} (US) or ${HONEYCOMB_EU} (EU)`);
}
