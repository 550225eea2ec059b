import type { ArrivalCounts } from '../../pipeline/parse-metrics.ts';

/** So many requests must have come unsampled, and such a share of all, before it is said: a few are usual. */
const MIN_REQUESTS = 10;
const MIN_SHARE = 0.1;

/** The share of a service's requests whose callers did not sample them, as `67 %`; undefined where it is none to speak of. */
export function unsampledShare(arrivals: ArrivalCounts | undefined): string | undefined {
  if (arrivals === undefined || arrivals.unsampled < MIN_REQUESTS) return undefined;
  const share = arrivals.unsampled / allOf(arrivals);
  return share < MIN_SHARE ? undefined : `${Math.round(share * 100)} %`;
}

/** Requests, however they came. */
export function allOf({ none, sampled, unsampled }: ArrivalCounts): number {
  return none + sampled + unsampled;
}
