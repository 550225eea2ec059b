import type { QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import { relationOf } from '../../../../core/query/parse/relation.ts';
import { formatFilter } from '../clauses/clauses.ts';
import type { FieldInfo } from '../clauses/fields.ts';

/** Conditions and groups of a query about other spans of the trace, in the form in which a person types them. */
export type RelationalParts = NonNullable<ReturnType<typeof relationalParts>>;

/** The relational fields of a query, if any. Honeycomb has them in its query builder, not in its API or links. */
export function relationalParts(query: QuerySpecInput, fields: readonly FieldInfo[]) {
  const { filters = [], breakdowns = [], orders = [], calculated_fields = [] } = query;
  const own = new Set([...fields, ...calculated_fields].map(({ name }) => name));
  const isRelational = (name: string) => !own.has(name) && relationOf(name) !== undefined;
  const where = filters.filter(({ column }) => isRelational(column));
  const groupBy = breakdowns.filter(isRelational);
  if (where.length === 0 && groupBy.length === 0) return undefined;
  return {
    parts: [
      ...where.map((filter) => `WHERE ${formatFilter(filter)}`),
      ...groupBy.map((name) => `GROUP BY ${name}`),
    ],
    /** The query without relational fields. */
    rest: {
      ...query,
      filters: filters.filter((each) => !where.includes(each)),
      breakdowns: breakdowns.filter((each) => !groupBy.includes(each)),
      orders: orders.filter(({ op, column }) => op !== undefined || !groupBy.includes(column ?? '')),
    },
  };
}
