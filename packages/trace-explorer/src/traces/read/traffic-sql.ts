import { rankedRows, weightedQuantile } from '../../query/compile/weighted-quantile.ts';

/** Which figures of a row are estimates. Left out where they are exact. */
export interface Estimated {
  /** All but `errors`: a span among them stands for several, or some traces for all. */
  readonly estimated?: boolean;
  readonly errors_estimated?: boolean;
}

/**
 * @param sampled the last of `columns`; undefined of rows that are not weighted
 * @param oneIn the row is that of one trace in so many
 */
export function estimatesOf(sampled: unknown, oneIn: number): Estimated {
  const [some, failed] = Array.isArray(sampled) ? sampled : [];
  return {
    ...((oneIn > 1 || some === true) && { estimated: true }),
    ...((oneIn > 1 || failed === true) && { errors_estimated: true }),
  };
}

/** Durations that sampled spans share a row for, per factor of e: such a row's durations are 0.4 % apart. */
const ROWS_PER_E = 256;

/**
 * SQL of how many spans there are, how many of them failed, and how long they took; of rows that have `error`, `duration`
 * and, where sampled spans count by their rates, `weight`.
 * @param shares of the durations that lie below the quantiles, 0 … 1
 */
export function trafficSql(weighted: boolean, shares: readonly number[]) {
  if (!weighted) {
    return {
      columns: `count(*), count(*) FILTER (WHERE error), quantile_cont(duration, [${shares.join(', ')}]) AS quantiles`,
      total: 'sum(duration)',
      stored: 'count(*)',
      from: (source: string, _keys: readonly string[]) => source,
    };
  }
  const quantiles = shares.map((share) => weightedQuantile('shortest', share));
  return {
    /**
     * Count, errors, a list `quantiles` of the duration; of weighted rows also a list of two: whether one of them stands for
     * several spans, and whether one of those that failed does.
     */
    columns: `sum(weight), sum(failed), [${quantiles.join(', ')}] AS quantiles, [bool_or(sampled), bool_or(failed_sampled)]`,
    /** Milliseconds of all of them together. */
    total: 'sum(total)',
    /** How many spans were stored, however many each stands for. */
    stored: 'sum(stored)',
    /** The source of the columns, for the keys that rows are grouped by. */
    from: (source: string, keys: readonly string[]) =>
      rankedRows(byDuration(source, keys), { value: 'shortest', weight: 'weight', keys }),
  };
}

/** One row for all spans of the same keys and about the same duration: ordering every span would take its memory. */
function byDuration(source: string, keys: readonly string[]): string {
  const near = `CAST(floor(ln(greatest(duration, 1e-6)) * ${ROWS_PER_E}) AS INTEGER)`;
  return `(SELECT ${[...keys, ''].join(', ')}min(duration) AS shortest, sum(weight) AS weight,
      coalesce(sum(weight) FILTER (WHERE error), 0) AS failed, sum(duration * weight) AS total, count(*) AS stored,
      bool_or(weight > 1) AS sampled, bool_or(weight > 1 AND error) AS failed_sampled
    FROM ${source} GROUP BY ${[...keys, near].join(', ')})`;
}
