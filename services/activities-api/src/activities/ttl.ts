const HOUR_MS = 3_600_000;

/** How long an activity may live, by the names that the API takes, in milliseconds. */
export const TTL = {
  '30-days': 30 * 24 * HOUR_MS,
  '7-days': 7 * 24 * HOUR_MS,
  '3-days': 3 * 24 * HOUR_MS,
  '1-day': 24 * HOUR_MS,
  '12-hours': 12 * HOUR_MS,
  '3-hours': 3 * HOUR_MS,
  '1-hour': HOUR_MS,
} as const;

export type Ttl = keyof typeof TTL;
