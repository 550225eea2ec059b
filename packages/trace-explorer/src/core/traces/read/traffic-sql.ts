import { effectiveNumber } from '../../query/compile/effective-traces.ts';
import { rankedRows, weightedQuantile } from '../../query/compile/weighted-quantile.ts';

/**
 * The figures of a row of `columns`, with the quantiles in milliseconds; a quantile that nobody can tell is undefined.
 * `effective` and `errors_effective` stand at estimates: as many unsampled traces would say as much of the spans, and of those
 * that failed.
 */
export function trafficFigures([count, errors, quantiles, traces]: readonly unknown[]) {
  const [effective, errors_effective] = (traces ?? []) as readonly (number | null)[];
  return {
    count: Number(count ?? 0),
    errors: Number(errors ?? 0),
    ...(typeof effective === 'number' && { effective }),
    ...(typeof errors_effective === 'number' && { errors_effective }),
    quantiles: ((quantiles ?? []) as readonly (number | null)[]).map((value) => value ?? undefined),
  };
}

/** Rows per factor of e in duration, for sampled spans: the durations of one row differ by at most 0.4 %. */
const ROWS_PER_E = 256;
/** From this share on, pulled spans that stand for several say nothing of a quantile: only their engine does. */
const OF_ENGINE = 0.99;

/**
 * SQL for the number of spans, of failed spans, and for durations. The source has columns `error`, `duration` and, when spans
 * count by their rates, `weight`, `trace` and `pulled`.
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
  const quantiles = shares.map((share) => {
    const value = weightedQuantile('shortest', share);
    return share < OF_ENGINE
      ? value
      : `CASE WHEN max(effective) IS NULL OR NOT bool_or(pulled) THEN ${value} END`;
  });
  const rows = (source: string, keys: readonly string[], sets: Sets) => {
    const durations = byDuration(source, keys, sets);
    const ranked = rankedRows(durations, { value: 'shortest', weight: 'weight', keys: ['part', ...keys] });
    return `(SELECT * FROM ${ranked} UNION ALL BY NAME SELECT * FROM ${byTrace(source, keys, sets)})`;
  };
  const columns = `sum(weight), sum(failed), [${quantiles.join(', ')}] AS quantiles, [max(effective), max(errors_effective)]`;
  return {
    /** Count, errors, a list `quantiles` of the duration. With weights also a list of both effective numbers of traces. */
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
      coalesce(sum(weight) FILTER (WHERE error), 0) AS failed, sum(duration * weight) AS total, count(*) AS stored
    FROM ${source} GROUP BY ${groupingSets(sets.map((set) => [...set, near]))})`;
}

/** One row for all spans with the same keys: the effective numbers of their traces. Spans of one trace are no independent sample. */
function byTrace(source: string, keys: readonly string[], sets: Sets): string {
  const named = [...keys, ''].join(', ');
  const traces = `SELECT ${partOf(keys)}, ${named}sum(weight) AS adds, coalesce(sum(weight) FILTER (WHERE error), 0) AS fails,
      max(weight) AS most, max(weight) FILTER (WHERE error) AS most_failed, bool_or(pulled) AS pulled
    FROM ${source} GROUP BY ${groupingSets(sets.map((set) => [...set, 'trace']))}`;
  return `(SELECT part, ${named}CASE WHEN max(most) > 1 THEN ${effectiveNumber('adds')} END AS effective,
      CASE WHEN max(most_failed) > 1 THEN ${effectiveNumber('fails')} END AS errors_effective, bool_or(pulled) AS pulled
    FROM (${traces}) GROUP BY ${['part', ...keys].join(', ')})`;
}
