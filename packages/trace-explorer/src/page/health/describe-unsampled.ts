import type { ArrivalCounts } from '../../pipeline/parse-metrics.ts';
import { formatCount } from '../format.ts';
import { allOf } from './unsampled.ts';

/** How many came unsampled, why they make no spans, and what to do. */
export function describeUnsampled(arrivals: ArrivalCounts = { none: 0, sampled: 0, unsampled: 0 }): string {
  return (
    `${formatCount(arrivals.unsampled)} of ${formatCount(allOf(arrivals))} requests came with a traceparent that is not ` +
    'sampled (its last digits are 00), so they made no spans. Let the caller (a load balancer, a gateway, a browser) ' +
    'sample them, or set OTEL_TRACES_SAMPLER=always_on for the service.'
  );
}
