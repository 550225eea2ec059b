import { IS_REQUEST, SPANS } from '../../../query/ask/scope.ts';
import type { QuerySpecInput } from '../../../query/parse/query-spec.ts';
import { formatCalculation, formatFilter } from './clauses/clauses.ts';

/** A query in one line, as a person would say it. */
export function describeQuery({
  calculations = [],
  filters = [],
  breakdowns = [],
  filter_combination,
  usage_mode,
}: QuerySpecInput): string {
  const what = calculations.length === 0 ? 'COUNT' : calculations.map(formatCalculation).join(', ');
  // As the overview asks for requests: the field that says so is no word of the reader's.
  const isRequest = filters.some(({ column }) => column === IS_REQUEST.filter.column);
  const said: readonly string[] = isRequest ? [IS_REQUEST.filter.column, SPANS.column] : [];
  const where = filters
    .filter(({ column }) => !said.includes(column))
    .map(formatFilter)
    .join(filter_combination === 'OR' ? ' or ' : ' and ');
  return [
    what,
    isRequest && 'of requests',
    where && `where ${where}`,
    breakdowns.length > 0 && `by ${breakdowns.join(', ')}`,
    usage_mode && '(sample rates do not count)',
  ]
    .filter(Boolean)
    .join(' ');
}
