import { HUES } from '../../../core/places/service-color.ts';
import type { QueryData, ResultRow, ResultValue } from '../../../core/query/result/query-result.ts';
import { describeSeconds } from '../../components/times/describe-times.ts';

/** The lines of one calculation, ready for drawing. */
export interface SeriesLines {
  /** Start of each bucket, seconds since the epoch. */
  readonly times: readonly number[];
  /** Seconds per bucket. */
  readonly step: number;
  /** Both ends of the time axis, seconds since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly lines: readonly SeriesLine[];
  /** Whether the value axis is logarithmic. Values not above 0 are gaps. */
  readonly log: boolean;
}

export interface SeriesLine {
  readonly label: string;
  readonly row: ResultRow['data'];
  readonly values: readonly (number | null)[];
  /** Number of the line's group, which decides the colour. */
  readonly index: number;
  /** In a comparison, seconds by which the values are earlier than their time on the axis. */
  readonly earlier?: number;
  /** The service of the line's group, when groups are services. */
  readonly service?: string;
}

export interface SeriesOptions {
  /** Whether a bucket without events is 0 rather than a gap. */
  readonly counted: boolean;
  readonly log?: boolean;
}

/**
 * The lines of a result's first groups. For a comparison also the lines of the same groups at the earlier time, at the positions
 * of the present times.
 * @param counted whether a bucket without events is 0 rather than a gap
 */
export function seriesLines(
  data: QueryData,
  key: string,
  breakdowns: readonly string[],
  { counted, log = false }: SeriesOptions,
): SeriesLines {
  const { granularity_seconds: step, start_time, end_time } = data.info;
  const first = Math.floor(start_time / step) * step;
  const count = Math.max(1, Math.ceil((end_time - first) / step));
  const times = Array.from({ length: count }, (_, i) => first + i * step);
  const fill = counted && !log ? 0 : null;
  const linesOf = (points: QueryData['series'], earlier: number): SeriesLine[] => {
    const groups = new Map<string, (number | null)[]>();
    // More lines than colours cannot be told apart. The table has all groups.
    const shown = data.results.slice(0, HUES).map(({ data: row }, index): SeriesLine => {
      const values = new Array<number | null>(count).fill(fill);
      groups.set(groupKey(row, breakdowns), values);
      const service = groupService(breakdowns, row['service.name']);
      const label = breakdowns.map((each) => text(row[each])).join(' · ') || key;
      return {
        label: earlier === 0 ? label : `${label}, ${describeSeconds(earlier)} earlier`,
        row,
        values,
        index,
        ...(earlier !== 0 && { earlier }),
        ...(service !== undefined && { service }),
      };
    });
    for (const { time, data: row } of points) {
      const values = groups.get(groupKey(row, breakdowns));
      const at = Math.round((Date.parse(time) / 1000 + earlier - first) / step);
      const value = row[key];
      if (values === undefined || at < 0 || at >= count || typeof value !== 'number') continue;
      values[at] = log && value <= 0 ? null : value;
    }
    return shown;
  };
  const { comparison } = data;
  const before = comparison === undefined ? [] : linesOf(comparison.series, comparison.offset_seconds);
  const lines = [...linesOf(data.series, 0), ...before];
  return { times, step, start: first, end: first + count * step, lines, log };
}

function groupKey(row: ResultRow['data'], breakdowns: readonly string[]): string {
  return JSON.stringify(breakdowns.map((each) => row[each] ?? null));
}

function text(value: ResultValue | undefined): string {
  return value === null || value === undefined ? '(none)' : String(value);
}

/** The service of a group; undefined when groups are not services. */
export function groupService(breakdowns: readonly string[], value: unknown): string | undefined {
  const isService = breakdowns.length === 1 && breakdowns[0] === 'service.name';
  return isService && typeof value === 'string' ? value : undefined;
}
