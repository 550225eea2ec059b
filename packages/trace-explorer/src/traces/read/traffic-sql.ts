import { rankedRows, weightedQuantile } from '../../query/compile/weighted-quantile.ts';

/** How many spans, how many of them failed, and how long they took, in SQL. */
export interface TrafficSql {
  /** Count, errors, and a list of quantiles of the duration. */
  readonly columns: string;
  /** Milliseconds of all of them together. */
  readonly total: string;
  /** How many spans were stored, however many each stands for. */
  readonly stored: string;
  /** What the columns are read from, by the keys that the rows are grouped by. */
  from(source: string, keys: readonly string[]): string;
}

/** Durations that sampled spans share a row for, per factor of e: such a row's durations are 0.4 % apart. */
const ROWS_PER_E = 256;

/**
 * Traffic of rows that have `error`, `duration` and, where sampled spans count by their rates, `weight`.
 * @param weighted whether they do
 * @param shares of the durations that lie below the quantiles, 0 … 1
 */
export function trafficSql(weighted: boolean, shares: readonly number[]): TrafficSql {
  if (!weighted) {
    return {
      columns: `count(*), count(*) FILTER (WHERE error), quantile_cont(duration, [${shares.join(', ')}])`,
      total: 'sum(duration)',
      stored: 'count(*)',
      from: (source) => source,
    };
  }
  const quantiles = shares.map((share) => weightedQuantile('shortest', share));
  return {
    columns: `sum(weight), sum(failed), [${quantiles.join(', ')}]`,
    total: 'sum(total)',
    stored: 'sum(stored)',
    from: (source, keys) =>
      rankedRows(byDuration(source, keys), { value: 'shortest', weight: 'weight', keys }),
  };
}

/** One row for all spans of the same keys and about the same duration: ordering every span would take its memory. */
function byDuration(source: string, keys: readonly string[]): string {
  const near = `CAST(floor(ln(greatest(duration, 1e-6)) * ${ROWS_PER_E}) AS INTEGER)`;
  return `(SELECT ${[...keys, ''].join(', ')}min(duration) AS shortest, sum(weight) AS weight,
      coalesce(sum(weight) FILTER (WHERE error), 0) AS failed, sum(duration * weight) AS total, count(*) AS stored
    FROM ${source} GROUP BY ${[...keys, near].join(', ')})`;
}
