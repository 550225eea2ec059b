import type { QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import { relationOf } from '../../../../core/query/parse/relation.ts';
import type { FieldInfo } from './fields.ts';

/** Fields of a query's calculations and groups. */
export function measuredFields({ calculations = [], breakdowns = [] }: QuerySpecInput): string[] {
  return [...calculations.flatMap(({ column }) => (column === undefined ? [] : [column])), ...breakdowns];
}

/** Names in a query that neither a span's field nor a calculated field of the query has. */
export function unknownFields(
  names: readonly string[],
  { calculated_fields = [] }: QuerySpecInput,
  fields: readonly FieldInfo[],
): string[] {
  const known = new Set([...fields, ...calculated_fields].map(({ name }) => name));
  // `root.name` is a field of another span of the trace.
  const ownName = (name: string) => relationOf(name)?.field ?? name;
  return [...new Set(names)].filter((name) => !known.has(name) && !known.has(ownName(name)));
}

/** Every field that a query names outside of its expressions. */
export function namedFields(query: QuerySpecInput): string[] {
  const { calculations = [], filters = [] } = query;
  const conditions = [...filters, ...calculations.flatMap((calculation) => calculation.filters ?? [])];
  return [...measuredFields(query), ...conditions.map(({ column }) => column)];
}
