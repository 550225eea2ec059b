import { getOrMake } from '../../../lib/get-or-make.ts';
import { isRate } from '../compile/calculations.ts';
import { COMPARED, MAX_POINTS, PART } from '../compile/compiled-query.ts';
import type { HeatmapAxis } from '../compile/heatmap-axis.ts';
import type { TimeWindow } from '../compile/time-window.ts';
import { calculationKey } from '../parse/operators.ts';
import { invalid } from '../parse/query-error.ts';
import type { QuerySpec } from '../parse/query-spec.ts';
import { concurrencySeries } from './concurrency.ts';
import { heatmapCells } from './heatmap-cells.ts';
import { heatmapValue } from './heatmap-value.ts';
import type { ResultRow, ResultValue, SeriesPoint } from './query-result.ts';
import { ownValue, scalar } from './result-value.ts';

/** Positions of the columns in the statement's rows. Breakdowns and calculations follow. */
const AT = { part: 0, rn: 1, bucket: 2, calculation: 3, k: 4, v: 5, values: 6 } as const;

type Row = readonly unknown[];

/**
 * Results and series of one window, from the statement's rows. Window 0 is the query's, window 1 the comparison's.
 * @throws QueryError when the series have too many points
 */
export function shapeResult(
  rows: readonly Row[],
  spec: QuerySpec,
  window: TimeWindow,
  w: number,
  axes: ReadonlyMap<number, HeatmapAxis>,
): { results: ResultRow[]; series: SeriesPoint[] } {
  const offset = w === 0 ? 0 : COMPARED;
  const parts = Map.groupBy(rows, (row) => number(row[AT.part]) - offset);
  const totals = new Map((parts.get(PART.total) ?? []).map((row) => [number(row[AT.rn]), row]));
  // A comparison has the groups of the query, and then those that only its own window has.
  const own = rows.filter((row) => row[AT.part] === PART.total);
  const groups = [...new Map([...totals, ...own.map((row) => [number(row[AT.rn]), row] as const)])]
    .sort(([a], [b]) => a - b)
    .map(([, row]) => row);
  checkPoints(parts);
  const cells = heatmapCells(
    (parts.get(PART.heatmap) ?? []).map((row) => ({
      rn: number(row[AT.rn]),
      calculation: number(row[AT.calculation]),
      bucket: number(row[AT.bucket]),
      k: number(row[AT.k]),
      count: number(row[AT.v]),
    })),
  );
  const points = seriesValues(parts, spec, window);
  const first = spec.breakdowns.length;
  const keys = spec.calculations.map(calculationKey);

  const results: ResultRow[] = [];
  /** In the order of the groups. */
  const byBucket = new Map<number, { readonly time: string; readonly points: SeriesPoint[] }>();
  for (const group of groups) {
    const rn = number(group[AT.rn]);
    const names = spec.breakdowns.map((name, i): [string, ResultValue] => [
      name,
      ownValue(group[AT.values + i]),
    ]);
    const total = totals.get(rn);
    const values = spec.calculations.map((each, i): [string, ResultValue] => {
      const key = keys[i] ?? '';
      if (each.op === 'HEATMAP') return [key, heatmapValue(axes.get(i), cells.total(rn, i))];
      const value = scalar(total?.[AT.values + first + i]);
      return [key, value ?? emptyTotal(each.op)];
    });
    results.push({ data: Object.fromEntries([...names, ...values]) });
    const ownPoints = points.get(rn);
    for (const bucket of new Set([...(ownPoints?.keys() ?? []), ...cells.buckets(rn)])) {
      const bucketValues = spec.calculations.map((each, i): [string, ResultValue] => {
        const key = keys[i] ?? '';
        if (each.op === 'HEATMAP') return [key, heatmapValue(axes.get(i), cells.at(rn, i, bucket))];
        return [key, ownPoints?.get(bucket)?.[i] ?? emptyTotal(each.op)];
      });
      const at = getOrMake(byBucket, bucket, () => ({
        time: isoSeconds(window.firstBucket + bucket * window.granularity),
        points: [],
      }));
      at.points.push({ time: at.time, data: Object.fromEntries([...names, ...bucketValues]) });
    }
  }
  const series = [...byBucket].sort(([a], [b]) => a - b).flatMap(([, { points }]) => points);
  if (series.length > MAX_POINTS) throw tooManyPoints();
  return { results, series };
}

/** Group → bucket → value of each calculation. */
type Points = Map<number, Map<number, ResultValue[]>>;

function seriesValues(
  parts: ReadonlyMap<number, readonly Row[]>,
  spec: QuerySpec,
  window: TimeWindow,
): Points {
  const points: Points = new Map();
  const pointOf = (rn: number, bucket: number): ResultValue[] => {
    const group = getOrMake(points, rn, () => new Map<number, ResultValue[]>());
    return getOrMake(group, bucket, () => spec.calculations.map((each) => emptyTotal(each.op)));
  };
  const first = AT.values + spec.breakdowns.length;
  for (const row of parts.get(PART.series) ?? []) {
    const point = pointOf(number(row[AT.rn]), number(row[AT.bucket]));
    spec.calculations.forEach((each, i) => {
      if (each.op !== 'CONCURRENCY') point[i] = scalar(row[first + i]) ?? emptyTotal(each.op);
    });
  }
  for (const row of parts.get(PART.percentile) ?? []) {
    const point = pointOf(number(row[AT.rn]), number(row[AT.bucket]));
    spec.calculations.forEach((_, i) => {
      const value = row[first + i];
      if (value !== null) point[i] = scalar(value);
    });
  }
  const buckets = Math.ceil((window.end - window.firstBucket) / window.granularity);
  const changes = ['opened', 'closed'] as const;
  spec.calculations.forEach((each, i) => {
    if (each.op !== 'CONCURRENCY') return;
    const [opened, closed] = changes.map((part) => {
      const own = (parts.get(PART[part]) ?? []).filter((row) => row[AT.calculation] === i);
      return Map.groupBy(
        own.map((row) => ({
          rn: number(row[AT.rn]),
          bucket: number(row[AT.bucket]),
          spans: number(row[AT.k]),
          cover: number(row[AT.v]),
        })),
        (change) => change.rn,
      );
    });
    for (const rn of opened?.keys() ?? []) {
      const values = concurrencySeries(opened?.get(rn) ?? [], closed?.get(rn) ?? [], buckets);
      for (const [bucket, value] of values) pointOf(rn, bucket)[i] = value;
    }
  });
  for (const group of points.values()) {
    spec.calculations.forEach((each, i) => {
      if (isRate(each.op)) replaceByChanges(group, i);
    });
  }
  return points;
}

/** Replaces each value by its difference to the previous bucket with a value. The first value becomes null. */
function replaceByChanges(group: Map<number, ResultValue[]>, i: number): void {
  let previous: number | undefined;
  for (const [, point] of [...group].sort(([a], [b]) => a - b)) {
    const value = point[i];
    if (typeof value !== 'number') continue;
    point[i] = previous === undefined ? null : value - previous;
    previous = value;
  }
}

function checkPoints(parts: ReadonlyMap<number, readonly Row[]>): void {
  for (const [part, rows] of parts) {
    if (part !== PART.total && rows.length > MAX_POINTS) throw tooManyPoints();
  }
}

function tooManyPoints(): Error {
  return invalid(
    'granularity',
    `the series have more than ${MAX_POINTS} points; choose a coarser granularity, a smaller limit or disable_series`,
  );
}

/** The value of a calculation without events. */
function emptyTotal(op: string): ResultValue {
  return op === 'COUNT' || op === 'COUNT_DISTINCT' || op === 'CONCURRENCY' ? 0 : null;
}

function number(value: unknown): number {
  return Number(value);
}

function isoSeconds(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}
