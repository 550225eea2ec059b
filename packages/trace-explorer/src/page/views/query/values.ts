import type { ResultValue } from '../../../query/query-result.ts';
import type { Calculation } from '../../../query/query-spec.ts';
import { formatDuration, formatNumber } from '../../client/format.ts';

/** A value of a field: durations with a unit, whole numbers exactly (ports, ids), an empty text visible. */
export function formatField(column: string, value: ResultValue | undefined): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') {
    if (isDuration(column)) return formatDuration(value);
    return Number.isInteger(value) ? String(value) : formatNumber(value);
  }
  if (typeof value === 'object') return '';
  return value === '' ? '""' : String(value);
}

/** What a calculation gave: numbers short. */
export function formatResult({ op, column }: Calculation, value: ResultValue | undefined): string {
  const counts = op === 'COUNT' || op === 'COUNT_DISTINCT' || op === 'CONCURRENCY';
  const field = counts || column === undefined ? '' : column;
  return typeof value === 'number' && !isDuration(field) ? formatNumber(value) : formatField(field, value);
}

/** Fields that say in their name that they hold milliseconds. */
export function isDuration(column: string): boolean {
  return /(?:^|[._])(?:duration_)?ms$/u.test(column);
}
