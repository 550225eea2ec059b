/**
 * Seconds from a Retry-After header (RFC 9110 §10.2.3: seconds or a date), never negative; undefined when there is
 * none, or it is neither.
 *
 * @param now milliseconds since the epoch
 */
export function parseRetryAfter(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}
