import { rankedRows, weightedQuantile } from '../../query/compile/weighted-quantile.ts';

/**
 * The figures of a row of `columns`, with the quantiles in milliseconds; a quantile of nothing is undefined. `stored` stands at
 * estimates: the number of stored spans.
 */
export function trafficFigures([count, errors, quantiles, stored]: readonly unknown[]) {
  return {
    count: Number(count ?? 0),
    errors: Number(errors ?? 0),
    ...(stored !== null && stored !== undefined && { stored: Number(stored) }),
    quantiles: ((quantiles ?? []) as readonly (number | null)[]).map((value) => value ?? undefined),
  };
}

/** Rows per factor of e in duration, for sampled spans: the durations of one row differ by at most 0.4 %. */
const ROWS_PER_E = 256;

/**
 * SQL for the number of spans, of failed spans, and for durations. The source has columns `error`, `duration` and, when spans
 * count by their rates, `weight`.
 * @param shares of the durations that lie below the quantiles, 0 … 1
 */
export function trafficSql(weighted: boolean, shares: readonly number[]) {
  if (!weighted) {
    const columns = `count(*), count(*) FILTER (WHERE error), quantile_cont(duration, [${shares.join(', ')}]) AS quantiles`;
    return {
      columns,
      total: 'sum(duration)',
      from: (source: string, _keys: readonly string[]) => source,
      bySets: (source: string, keys: readonly string[], sets: Sets) =>
        `SELECT ${partOf(keys)}, count(*) AS stored, sum(duration) AS total, ${[...keys, columns].join(', ')}
          FROM ${source} GROUP BY ${groupingSets(sets)}`,
    };
  }
  const quantiles = shares.map((share) => weightedQuantile('shortest', share));
  const rows = (source: string, keys: readonly string[], sets: Sets) => {
    const durations = byDuration(source, keys, sets);
    return rankedRows(durations, { value: 'shortest', weight: 'weight', keys: ['part', ...keys] });
  };
  const columns = `sum(weight), sum(failed), [${quantiles.join(', ')}] AS quantiles, CASE WHEN max(most) > 1 THEN sum(stored) END`;
  return {
    /** Count, errors, a list `quantiles` of the duration. With weights also the number of stored spans where some stand for several. */
    columns,
    /** Milliseconds of all spans together. */
    total: 'sum(total)',
    /** The source of the columns, grouped by keys. */
    from: (source: string, keys: readonly string[]) => rows(source, keys, [keys]),
    /**
     * A select of the columns for each group of several sets of keys. Column `part` tells the sets apart, see SQL's GROUPING;
     * `stored` is the number of stored spans, without weights; `total` as above; then the keys and the columns.
     */
    bySets: (source: string, keys: readonly string[], sets: Sets) => {
      const all = ['part', ...keys];
      return `SELECT part, sum(stored) AS stored, sum(total) AS total, ${[...keys, columns].join(', ')}
          FROM ${rows(source, keys, sets)} GROUP BY ${all.join(', ')}`;
    },
  };
}

type Sets = readonly (readonly string[])[];

function groupingSets(sets: Sets): string {
  return `GROUPING SETS (${sets.map((keys) => `(${keys.join(', ')})`).join(', ')})`;
}

function partOf(keys: readonly string[]): string {
  return `${keys.length === 0 ? '0' : `GROUPING(${keys.join(', ')})`} AS part`;
}

/** One row for all spans with the same keys and about the same duration. Sorting single spans would take too much memory. */
function byDuration(source: string, keys: readonly string[], sets: Sets): string {
  const near = `CAST(floor(ln(greatest(duration, 1e-6)) * ${ROWS_PER_E}) AS INTEGER)`;
  return `(SELECT ${partOf(keys)}, ${[...keys, ''].join(', ')}min(duration) AS shortest, sum(weight) AS weight,
      coalesce(sum(weight) FILTER (WHERE error), 0) AS failed, sum(duration * weight) AS total, count(*) AS stored, max(weight) AS most
    FROM ${source} GROUP BY ${groupingSets(sets.map((set) => [...set, near]))})`;
}
