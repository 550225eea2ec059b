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

/** docs.honeycomb.io/api/authentication; Honeycomb's own SDKs test for classic keys in this way. */
const KEY_FORMS = [
  ['environment-ingest', /^hc[a-z]ik_[a-z0-9]{58}$/],
  ['classic-ingest', /^hc[a-z]ic_[a-z0-9]{58}$/],
  ['classic', /^[a-f0-9]{32}$/],
  ['environment-configuration', /^[A-Za-z0-9]{22}$/],
] as const;

/** A key within a text: `hcaik_…`, `hcamk_ID:SECRET`. */
export const KEY_IN_TEXT: RegExp = /\bhc[a-z]{3}_[\w:]+/g;

/**
 * The forms of Honeycomb's API keys that can send events. `unknown`: perhaps a key of a form that Honeycomb has not
 * documented, so only Honeycomb can tell.
 */
export type HoneycombKeyForm = (typeof KEY_FORMS)[number][0] | 'unknown';

/** The form of a key; undefined for a form that is not documented. */
export function formOfKey(key: string): HoneycombKeyForm | undefined {
  return KEY_FORMS.find(([, pattern]) => pattern.test(key))?.[0];
}

/** Classic keys (Honeycomb without environments) need HONEYCOMB_DATASET; other keys take the service's name. */
export function isClassicForm(form: HoneycombKeyForm | undefined): boolean {
  return form === 'classic' || form === 'classic-ingest';
}

/** The headers that Honeycomb wants on OTLP/HTTP. Only a classic key needs the dataset. */
export function honeycombHeaders(apiKey: string, dataset: string | undefined): Record<string, string> {
  const isWanted = isClassicForm(formOfKey(apiKey)) && dataset !== undefined;
  return { 'x-honeycomb-team': apiKey, ...(isWanted && { 'x-honeycomb-dataset': dataset }) };
}
