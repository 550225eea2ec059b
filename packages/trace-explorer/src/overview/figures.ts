import { trafficFigures } from '../traces/read/traffic-sql.ts';
import type { RequestFigures } from './schemas.ts';

/** The figures of a row of `trafficSql` with the quantiles 0.5 and 0.95, see figuresOf. */
export function figures(row: readonly unknown[], oneIn = 1): RequestFigures {
  const { quantiles, ...others } = trafficFigures(row, oneIn);
  const [p50_ms = 0, p95_ms = 0] = quantiles;
  return { ...others, p50_ms, p95_ms };
}
