import type { QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import type { FieldInfo } from './fields.ts';
import { fieldNamed, withCalculated } from './fields.ts';

/** Fields of a query's calculations and groups. */
export function measuredFields({ calculations = [], breakdowns = [] }: QuerySpecInput): string[] {
  return [...calculations.flatMap(({ column }) => (column === undefined ? [] : [column])), ...breakdowns];
}

/** Names in a query that neither a span's field nor a calculated field of the query has. */
export function unknownFields(
  names: readonly string[],
  query: QuerySpecInput,
  fields: readonly FieldInfo[],
): string[] {
  const known = withCalculated(fields, query);
  return [...new Set(names)].filter((name) => fieldNamed(known, name) === undefined);
}

/** Every field that a query names outside of its expressions. */
export function namedFields(query: QuerySpecInput): string[] {
  const { calculations = [], filters = [] } = query;
  const conditions = [...filters, ...calculations.flatMap((calculation) => calculation.filters ?? [])];
  return [...measuredFields(query), ...conditions.map(({ column }) => column)];
}
