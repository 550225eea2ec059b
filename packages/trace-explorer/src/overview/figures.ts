import { estimatesOf } from '../traces/read/traffic-sql.ts';
import type { RequestFigures } from './overview.ts';

/**
 * The figures of a row of `trafficSql` with the quantiles 0.5 and 0.95.
 * @param oneIn the row stands for one trace in this many
 */
export function figures([count, errors, quantiles, sampled]: readonly unknown[], oneIn = 1): RequestFigures {
  const [p50 = 0, p95 = 0] = Array.isArray(quantiles) ? quantiles.map(Number) : [];
  return {
    count: Number(count ?? 0) * oneIn,
    errors: Number(errors ?? 0) * oneIn,
    ...estimatesOf(sampled, oneIn),
    p50_ms: p50,
    p95_ms: p95,
  };
}
