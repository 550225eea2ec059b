import { rankedRows, weightedQuantile } from '../../query/compile/weighted-quantile.ts';

/**
 * The figures of a row of `columns`, with the quantiles in milliseconds. `estimated` says that all figures but errors are
 * estimates: a span stands for several spans, or some traces stand for all. `effective` spans without weights would say as much.
 * @param oneIn the row stands for one trace in this many
 */
export function trafficFigures([count, errors, quantiles, sampled]: readonly unknown[], oneIn: number) {
  const [some, failed, effective] = Array.isArray(sampled) ? sampled.map(Number) : [];
  return {
    count: Number(count ?? 0) * oneIn,
    errors: Number(errors ?? 0) * oneIn,
    ...((oneIn > 1 || some === 1) && { estimated: true }),
    ...(some === 1 && { effective }),
    ...((oneIn > 1 || failed === 1) && { errors_estimated: true }),
    quantiles: Array.isArray(quantiles) ? quantiles.map(Number) : [],
  };
}

/** Rows per factor of e in duration, for sampled spans: the durations of one row differ by at most 0.4 %. */
const ROWS_PER_E = 256;

/**
 * SQL for the number of spans, of failed spans, and for durations. The source has columns `error`, `duration` and, when sampled
 * spans count by their rates, `weight`.
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
        `SELECT ${partOf(keys)}, count(*) AS stored, ${[...keys, columns].join(', ')} FROM ${source} GROUP BY ${groupingSets(sets)}`,
    };
  }
  const quantiles = shares.map((share) => weightedQuantile('shortest', share));
  const ranked = (source: string, keys: readonly string[]) =>
    rankedRows(source, { value: 'shortest', weight: 'weight', keys });
  const columns = `sum(weight), sum(failed), [${quantiles.join(', ')}] AS quantiles, [CAST(bool_or(sampled) AS DOUBLE), CAST(bool_or(failed_sampled) AS DOUBLE), sum(weight) ** 2 / sum(squares)]`;
  return {
    /**
     * Count, errors, a list `quantiles` of the duration. With weights also a list: whether any span stands for several
     * spans, whether any failed span does, and how many spans without weights would say as much.
     */
    columns,
    /** Milliseconds of all spans together. */
    total: 'sum(total)',
    /** The source of the columns, grouped by keys. */
    from: (source: string, keys: readonly string[]) => ranked(byDuration(source, keys, [keys]), keys),
    /**
     * A select of the columns for each group of several sets of keys. Column `part` tells the sets apart, see SQL's GROUPING;
     * `stored` is the number of stored spans, without weights; then the keys and the columns.
     */
    bySets: (source: string, keys: readonly string[], sets: Sets) => {
      const all = ['part', ...keys];
      return `SELECT part, sum(stored) AS stored, ${[...keys, columns].join(', ')} FROM ${ranked(byDuration(source, keys, sets), all)} GROUP BY ${all.join(', ')}`;
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
  return `(SELECT ${partOf(keys)}, ${[...keys, ''].join(', ')}min(duration) AS shortest, sum(weight) AS weight, sum(weight * weight) AS squares,
      coalesce(sum(weight) FILTER (WHERE error), 0) AS failed, sum(duration * weight) AS total, count(*) AS stored,
      bool_or(weight > 1) AS sampled, bool_or(weight > 1 AND error) AS failed_sampled
    FROM ${source} GROUP BY ${groupingSets(sets.map((set) => [...set, near]))})`;
}
