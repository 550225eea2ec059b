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
