import type { QuerySpecInput } from '../../../../query/parse/query-spec.ts';
import { relationOf } from '../../../../query/parse/relation.ts';
import type { FieldInfo } from './fields.ts';

/** Fields that a query measures or groups by. */
export function measuredFields({ calculations = [], breakdowns = [] }: QuerySpecInput): string[] {
  return [...calculations.flatMap(({ column }) => (column === undefined ? [] : [column])), ...breakdowns];
}

/** The names that no span has had and that the query does not calculate. */
export function unknownFields(
  names: readonly string[],
  { calculated_fields = [] }: QuerySpecInput,
  fields: readonly FieldInfo[],
): string[] {
  const known = new Set([...fields, ...calculated_fields].map(({ name }) => name));
  // Of another span of the trace, as `root.name` is.
  const ownName = (name: string) => relationOf(name)?.field ?? name;
  return [...new Set(names)].filter((name) => !known.has(name) && !known.has(ownName(name)));
}

/** Every field that a query names outside of its expressions. */
export function namedFields(query: QuerySpecInput): string[] {
  const { calculations = [], filters = [] } = query;
  const conditions = [...filters, ...calculations.flatMap((calculation) => calculation.filters ?? [])];
  return [...measuredFields(query), ...conditions.map(({ column }) => column)];
}
