const HOUR = 3_600_000; // milliseconds

/** How long an activity may live, by the names that the API takes, in milliseconds. */
export const TTL = {
  '30-days': 30 * 24 * HOUR,
  '7-days': 7 * 24 * HOUR,
  '3-days': 3 * 24 * HOUR,
  '1-day': 24 * HOUR,
  '12-hours': 12 * HOUR,
  '3-hours': 3 * HOUR,
  '1-hour': HOUR,
} as const;

export type Ttl = keyof typeof TTL;
