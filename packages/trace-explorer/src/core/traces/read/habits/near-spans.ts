import type { SpanRecord } from '../span-record.ts';

/** How long before and after spans their like are looked for, in nanoseconds. */
const NEAR_NS = 600_000_000_000n;

/**
 * SQL of whether a row began at most ten minutes before the first of some spans, or after the last.
 * @param within other nanoseconds than ten minutes
 */
export function isNear(spans: readonly Pick<SpanRecord, 'start'>[], within = NEAR_NS): string {
  const starts = spans.map(({ start }) => start).sort((a, b) => (a < b ? -1 : 1));
  const [first, last] = [starts[0] ?? 0n, starts.at(-1) ?? 0n];
  return `_time >= ${first - within} AND _time <= ${last + within}`;
}
