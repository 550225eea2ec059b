/** Most groups of a result, as in Honeycomb. */
export const MAX_LIMIT = 10_000;
/** Groups of a result whose query names no limit. */
export const DEFAULT_LIMIT = 100;
/** Seconds of a query without times. */
export const DEFAULT_TIME_RANGE = 7200;
