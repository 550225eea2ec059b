/** Honeycomb's API for teams in the US, without a trailing slash. */
export const HONEYCOMB_US = 'https://api.honeycomb.io';
/** Honeycomb's API for teams in the EU, without a trailing slash. */
export const HONEYCOMB_EU = 'https://api.eu1.honeycomb.io';

/**
 * A base URL of Honeycomb or of a proxy, without a trailing slash. Undefined for other texts, and for Honeycomb itself by
 * plain http, because a header carries the key.
 */
export function honeycombBaseUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  const isBase = url.username + url.password + url.search + url.hash === '';
  if (!isBase || /\/v1\/(?:traces|metrics|logs)\/?$/.test(url.pathname)) return undefined;
  if (/(?:^|\.)honeycomb\.io$/.test(url.hostname) && !/^https:\/\/api\./.test(url.href)) return undefined;
  return `${url.origin}${url.pathname.replace(/(?<!\/)\/+$/, '')}`;
}

/** Keys of Honeycomb without environments. Only these keys need HONEYCOMB_DATASET. */
const CLASSIC_KEY = /^(?:[a-f0-9]{32}|hc[a-z]ic_[a-z0-9]{58})$/;

/** The headers that Honeycomb wants on OTLP/HTTP. Only a classic key needs the dataset. */
export function honeycombHeaders(apiKey: string, dataset: string | undefined): Record<string, string> {
  const isWanted = CLASSIC_KEY.test(apiKey) && dataset !== undefined;
  return { 'x-honeycomb-team': apiKey, ...(isWanted && { 'x-honeycomb-dataset': dataset }) };
}
