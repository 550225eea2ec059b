import type { QueryData, ResultRow } from '../../../../core/query/result/query-result.ts';

const VERSION = 'service.version';

/**
 * For groups by `service.version`: for each row, the row of the previous version in the same other groups. The previous version
 * is the one with earlier first events.
 */
export function versionsBefore(
  { results, series }: QueryData,
  breakdowns: readonly string[],
): ReadonlyMap<ResultRow['data'], ResultRow['data']> {
  const before = new Map<ResultRow['data'], ResultRow['data']>();
  if (!breakdowns.includes(VERSION)) return before;
  const groupKey = (row: ResultRow['data'], names = breakdowns) =>
    JSON.stringify(names.map((name) => row[name]));
  const first = new Map<string, number>();
  for (const { time, data } of series) {
    const key = groupKey(data);
    first.set(key, Math.min(first.get(key) ?? Number.POSITIVE_INFINITY, Date.parse(time)));
  }
  const since = (row: ResultRow['data']) => first.get(groupKey(row)) ?? Number.POSITIVE_INFINITY;
  const versions = results.map(({ data }) => data).filter((row) => typeof row[VERSION] === 'string');
  const others = breakdowns.filter((name) => name !== VERSION);
  for (const rows of Map.groupBy(versions, (row) => groupKey(row, others)).values()) {
    const sorted = rows.toSorted(
      (a, b) =>
        since(a) - since(b) || String(a[VERSION]).localeCompare(String(b[VERSION]), 'en', { numeric: true }),
    );
    for (const [i, row] of sorted.entries()) {
      const previous = sorted[i - 1];
      if (previous !== undefined) before.set(row, previous);
    }
  }
  return before;
}

/** The relative change of a value: `+38 %`, `−7.1 %`. */
export function changeText(value: unknown, before: unknown): string {
  if (typeof value !== 'number' || typeof before !== 'number') return '–';
  if (before === 0) return value === 0 ? '0 %' : 'from 0';
  const share = Number(((100 * (value - before)) / Math.abs(before)).toPrecision(2));
  return `${share > 0 ? '+' : share < 0 ? '−' : ''}${Math.abs(share)} %`;
}
