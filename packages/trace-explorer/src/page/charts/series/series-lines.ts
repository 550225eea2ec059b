import type { QueryData, ResultRow, ResultValue } from '../../../query/result/query-result.ts';
import { groupService } from '../chart-colors.ts';

/** The lines of one calculation, ready to be drawn. */
export interface SeriesLines {
  /** Start of each bucket, seconds since the epoch. */
  readonly times: readonly number[];
  /** Seconds per bucket. */
  readonly step: number;
  readonly lines: readonly SeriesLine[];
  /** Whether times are written in UTC. */
  readonly utc: boolean;
}

export interface SeriesLine {
  readonly label: string;
  /** The group's row in the results. */
  readonly row: ResultRow['data'];
  readonly values: readonly (number | null)[];
  /** Set where groups are services. */
  readonly service?: string;
}

/** More lines than these cannot be told apart; the table has all groups. */
export const MAX_LINES = 10;

/** The lines of a result's first groups. A bucket without events is 0 for counts, and a gap for all else. */
export function seriesLines(
  data: QueryData,
  key: string,
  breakdowns: readonly string[],
  counted: boolean,
  utc = false,
): SeriesLines {
  const { granularity_seconds: step, start_time, end_time } = data.info;
  const first = Math.floor(start_time / step) * step;
  const count = Math.max(1, Math.ceil((end_time - first) / step));
  const times = Array.from({ length: count }, (_, i) => first + i * step);
  const groups = new Map<string, (number | null)[]>();
  const lines = data.results.slice(0, MAX_LINES).map(({ data: row }): SeriesLine => {
    const values = new Array<number | null>(count).fill(counted ? 0 : null);
    groups.set(groupKey(row, breakdowns), values);
    const service = groupService(breakdowns, row['service.name']);
    const label = breakdowns.map((each) => text(row[each])).join(' · ') || key;
    return { label, row, values, ...(service !== undefined && { service }) };
  });
  for (const { time, data: row } of data.series) {
    const values = groups.get(groupKey(row, breakdowns));
    const at = Math.round((Date.parse(time) / 1000 - first) / step);
    const value = row[key];
    if (values !== undefined && at >= 0 && at < count && typeof value === 'number') values[at] = value;
  }
  return { times, step, lines, utc };
}

function groupKey(row: ResultRow['data'], breakdowns: readonly string[]): string {
  return JSON.stringify(breakdowns.map((each) => row[each] ?? null));
}

function text(value: ResultValue | undefined): string {
  return value === null || value === undefined ? '(none)' : String(value);
}
