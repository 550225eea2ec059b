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
  const text = value?.trim() ?? '';
  if (text === '') return { url: HONEYCOMB_US, region: 'US' };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw endpointError(`is not a URL that begins with https://`);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw endpointError('must not hold a user name, a query or a fragment');
  }
  if (/\/v1\/(?:traces|metrics|logs)\/?$/.test(url.pathname)) {
    throw endpointError(
      `must end before ${url.pathname.slice(url.pathname.indexOf('/v1/'))}, which is added to it`,
    );
  }
  const ofHoneycomb = url.hostname === 'honeycomb.io' || url.hostname.endsWith('.honeycomb.io');
  if (ofHoneycomb && url.protocol === 'http:')
    throw endpointError('must use https://: the key would travel unencrypted');
  if (ofHoneycomb && !url.hostname.startsWith('api.')) {
    throw endpointError(`names ${url.hostname}, which is not the API`);
  }
  const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  return { url: base, region: base === HONEYCOMB_US ? 'US' : base === HONEYCOMB_EU ? 'EU' : 'other' };
}

/** The URL that spans are posted to as OTLP/HTTP. */
export function honeycombTracesUrl(endpoint: HoneycombEndpoint): string {
  return `${endpoint.url}/v1/traces`;
}

/** The URL that log records are posted to as OTLP/HTTP. */
export function honeycombLogsUrl(endpoint: HoneycombEndpoint): string {
  return `${endpoint.url}/v1/logs`;
}

/** `the US endpoint https://api.honeycomb.io`, for a sentence. */
export function nameEndpoint({ url, region }: HoneycombEndpoint): string {
  return region === 'other' ? `the endpoint ${url}` : `the ${region} endpoint ${url}`;
}

function endpointError(problem: string): Error {
  return new Error(`HONEYCOMB_API_ENDPOINT ${problem}: use ${HONEYCOMB_US} (US) or ${HONEYCOMB_EU} (EU)`);
}
