import type { Calculation, Filter } from '../../../core/query/parse/query-spec.ts';
import type { ResultValue } from '../../../core/query/result/query-result.ts';
import { formatDuration, formatNumber } from '../../../page/values/format.ts';

/** A value of a field as text: durations with a unit, whole numbers exactly (ports, ids), an empty text visibly. */
export function formatField(column: string, value: ResultValue | undefined): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') {
    if (isDuration(column)) return value < 0 ? `−${formatDuration(-value)}` : formatDuration(value);
    return Number.isInteger(value) ? String(value) : formatNumber(value);
  }
  if (typeof value === 'object') return '';
  return value === '' ? '""' : String(value);
}

/** The condition that a field has this value, or no value. */
export function filterOf(column: string, value: ResultValue | undefined): Filter {
  return value === null || value === undefined || typeof value === 'object'
    ? { column, op: 'does-not-exist' }
    : { column, op: '=', value };
}

/** A calculation's result, with numbers shortened to three digits. */
export function formatResult({ op, column }: Calculation, value: ResultValue | undefined): string {
  const counts = op === 'COUNT' || op === 'COUNT_DISTINCT' || op === 'CONCURRENCY';
  const field = counts || column === undefined ? '' : column;
  return typeof value === 'number' && !isDuration(field) ? formatNumber(value) : formatField(field, value);
}

function isDuration(column: string): boolean {
  return /(?:^|[._])(?:duration_)?ms$/u.test(column);
}
