import { problems } from '../../errors.ts';
import type { QueryError } from '../parse/query-error.ts';

/** What is wrong with a query, in the form of the explorer's own routes; `where` the query was. */
export function asProblem(error: QueryError, where: 'query' | 'body'): Error {
  const errors = error.details.map(({ field, description }) => ({ in: where, field, detail: description }));
  if (error.status === 422) return problems.VALIDATION_FAILED({ errors });
  return problems.VALIDATION_FAILED({ errors: [{ in: where, field: 'dataset', detail: error.message }] });
}
