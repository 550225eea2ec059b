import { rankedRows, weightedQuantile } from '../../query/compile/weighted-quantile.ts';

/** How many spans, how many of them failed, and how long they took, in SQL. */
export interface TrafficSql {
  /** Count, errors, and a list of quantiles of the duration. */
  readonly columns: string;
  /** What the columns are read from, by the keys that the rows are grouped by. */
  from(source: string, keys: readonly string[]): string;
}

/**
 * Traffic of rows that have `error`, `duration` and, where sampled spans count by their rates, `weight`.
 * @param weighted whether they do
 * @param shares of the durations that lie below the quantiles, 0 … 1
 * @param counted condition for a row to be counted
 */
export function trafficSql(weighted: boolean, shares: readonly number[], counted = 'true'): TrafficSql {
  const failed = `error AND (${counted})`;
  if (!weighted) {
    const where = `FILTER (WHERE ${counted})`;
    return {
      columns: `count(*) ${where}, count(*) FILTER (WHERE ${failed}), quantile_cont(duration, [${shares.join(', ')}]) ${where}`,
      from: (source) => source,
    };
  }
  const sum = (where: string) => `coalesce(sum(weight) FILTER (WHERE ${where}), 0)`;
  const quantiles = shares.map((share) => weightedQuantile('counted_duration', share));
  return {
    columns: `${sum(counted)}, ${sum(failed)}, [${quantiles.join(', ')}]`,
    from: (source, keys) =>
      rankedRows(`(SELECT *, CASE WHEN ${counted} THEN duration END AS counted_duration FROM ${source})`, {
        value: 'counted_duration',
        weight: 'weight',
        keys,
      }),
  };
}
