import type { QuerySpecInput } from '../../../query/parse/query-spec.ts';
import { formatCalculation, formatFilter } from './clauses.ts';

/** A query in one line, as a person would say it. */
export function describeQuery({
  calculations = [],
  filters = [],
  breakdowns = [],
  filter_combination,
}: QuerySpecInput): string {
  const what = calculations.length === 0 ? 'COUNT' : calculations.map(formatCalculation).join(', ');
  const where = filters.map(formatFilter).join(filter_combination === 'OR' ? ' or ' : ' and ');
  return [what, where && `where ${where}`, breakdowns.length > 0 && `by ${breakdowns.join(', ')}`]
    .filter(Boolean)
    .join(' ');
}

/** A time range in words: `last 10 minutes`, or from when to when. */
export function describeTimes(
  { time_range = 7200, start_time, end_time }: QuerySpecInput,
  utc = false,
): string {
  if (start_time === undefined && end_time === undefined) return `last ${describeSeconds(time_range)}`;
  const start = start_time ?? (end_time ?? 0) - time_range;
  const end = end_time ?? start + time_range;
  return `${describeTime(start, utc)} – ${describeTime(end, utc)}${utc ? ' UTC' : ''}`;
}

/** `10 minutes`, `1 hour`. */
export function describeSeconds(seconds: number): string {
  const [size, unit] = (
    [
      [86_400, 'day'],
      [3600, 'hour'],
      [60, 'minute'],
    ] as const
  ).find(([each]) => seconds >= each && seconds % each === 0) ?? [1, 'second'];
  const count = seconds / size;
  return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
}

function describeTime(seconds: number, utc: boolean): string {
  return new Date(seconds * 1000).toLocaleString(undefined, {
    ...(utc && { timeZone: 'UTC' }),
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
}
