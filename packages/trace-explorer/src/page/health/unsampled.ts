import type { ArrivalCounts } from '../../pipeline/parse-metrics.ts';
import { formatCount } from '../format.ts';

/** So many requests must have come unsampled, and such a share of all, before it is said: a few are usual. */
const MIN_REQUESTS = 10;
const MIN_SHARE = 0.1;

/** The share of a service's requests whose callers did not sample them, as `67 %`; undefined where it is none to speak of. */
export function unsampledShare(arrivals: ArrivalCounts | undefined): string | undefined {
  if (arrivals === undefined || arrivals.unsampled < MIN_REQUESTS) return undefined;
  const share = arrivals.unsampled / allOf(arrivals);
  return share < MIN_SHARE ? undefined : `${Math.round(share * 100)} %`;
}

/** How many came unsampled, why they make no spans, and what to do. */
export function describeUnsampled(arrivals: ArrivalCounts = { none: 0, sampled: 0, unsampled: 0 }): string {
  return (
    `${formatCount(arrivals.unsampled)} of ${formatCount(allOf(arrivals))} requests came with a traceparent that is not ` +
    'sampled (its last digits are 00), so they made no spans. Let the caller (a load balancer, a gateway, a browser) ' +
    'sample them, or set OTEL_TRACES_SAMPLER=always_on for the service.'
  );
}

function allOf({ none, sampled, unsampled }: ArrivalCounts): number {
  return none + sampled + unsampled;
}
