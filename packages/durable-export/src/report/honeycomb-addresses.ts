/** Honeycomb's API for teams in the US, without a trailing slash. */
export const HONEYCOMB_US = 'https://api.honeycomb.io';
/** Honeycomb's API for teams in the EU, without a trailing slash. */
export const HONEYCOMB_EU = 'https://api.eu1.honeycomb.io';
