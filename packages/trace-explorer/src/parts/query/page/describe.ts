import { IS_REQUEST, SPANS } from '../../../core/query/build/scope.ts';
import type { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import { formatCalculated } from './calculated/split-calculated.ts';
import { formatCalculation, formatFilter } from './clauses/clauses.ts';

/** A query in one line, in a person's words. */
export function queryInWords({
  calculations = [],
  formulas = [],
  filters = [],
  breakdowns = [],
  filter_combination,
  usage_mode,
}: QuerySpecInput): string {
  const calculated = calculations.length === 0 ? 'COUNT' : calculations.map(formatCalculation).join(', ');
  // Readers do not know the field with which the overview selects requests, so its filters become "of requests".
  const isRequest = filters.some(({ column }) => column === IS_REQUEST.filter.column);
  const hidden: readonly string[] = isRequest ? [IS_REQUEST.filter.column, SPANS.column] : [];
  const where = filters
    .filter(({ column }) => !hidden.includes(column))
    .map(formatFilter)
    .join(filter_combination === 'OR' ? ' or ' : ' and ');
  return [
    formulas.length > 0 && `${formulas.map(formatCalculated).join(', ')} of`,
    calculated,
    isRequest && 'of requests',
    where && `where ${where}`,
    breakdowns.length > 0 && `by ${breakdowns.join(', ')}`,
    usage_mode && '(sample rates do not count)',
  ]
    .filter(Boolean)
    .join(' ');
}
