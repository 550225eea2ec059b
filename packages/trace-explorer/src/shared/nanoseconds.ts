/** The last nanosecond that the store's BIGINT has. */
const LAST = 2n ** 63n - 1n;

/** Seconds since the epoch, 0 or more, in nanoseconds: to the microsecond, as a number of seconds is no finer today. */
export function nanosecondsOf(seconds: number): bigint {
  const nanoseconds = BigInt(Math.round(seconds * 1e6)) * 1000n;
  return nanoseconds < LAST ? nanoseconds : LAST;
}
