import type { FieldType } from '../../../../core/fields/field-type.ts';
import type { QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import { relationOf } from '../../../../core/query/parse/relation.ts';

/** A field that queries can name. */
export interface FieldInfo {
  readonly name: string;
  /** The type. `calculated` means any type that the expression gives. */
  readonly type: FieldType | 'calculated';
  /** The weight of the field. Fields in queries of this browser have the highest weights, then fields of many spans. */
  readonly use?: number;
  /** The expression of a saved calculated field. */
  readonly expression?: string;
}

/** More suggestions than a person reads. */
const MOST = 50;

/** The first fields with `text` in their name: names that begin with the text first, then by weight. */
export function matchingFields(fields: readonly FieldInfo[], text: string): FieldInfo[] {
  const wanted = text.toLowerCase();
  return fields
    .map((field) => ({ field, at: field.name.toLowerCase().indexOf(wanted) }))
    .filter(({ at }) => at >= 0)
    .sort(
      (a, b) =>
        Math.sign(a.at) - Math.sign(b.at) ||
        (b.field.use ?? 0) - (a.field.use ?? 0) ||
        (a.field.name < b.field.name ? -1 : 1),
    )
    .slice(0, MOST)
    .map(({ field }) => field);
}

/** The field with a name. A name such as `root.name` means a field of another span. */
export function fieldNamed(fields: readonly FieldInfo[], name: string): FieldInfo | undefined {
  const own = fields.find((field) => field.name === name);
  if (own !== undefined) return own;
  const related = relationOf(name);
  return related && fields.find((field) => field.name === related.field);
}

/** The fields of a dataset and of a query. A calculated field hides a stored field with the same name. */
export function withCalculated(
  fields: readonly FieldInfo[],
  { calculated_fields = [] }: QuerySpecInput,
): readonly FieldInfo[] {
  if (calculated_fields.length === 0) return fields;
  const names = new Set(calculated_fields.map(({ name }) => name));
  const calculated = [...names].map((name): FieldInfo => ({ name, type: 'calculated', use: 1e9 }));
  return [...calculated, ...fields.filter(({ name }) => !names.has(name))];
}

/** Fields of a query's calculations and groups. */
export function measuredFields({ calculations = [], breakdowns = [] }: QuerySpecInput): string[] {
  return [...calculations.flatMap(({ column }) => column ?? []), ...breakdowns];
}

/** Every field that a query names outside of its expressions. */
export function namedFields(query: QuerySpecInput): string[] {
  const { calculations = [], filters = [] } = query;
  const conditions = [...filters, ...calculations.flatMap((calculation) => calculation.filters ?? [])];
  return [...measuredFields(query), ...conditions.map(({ column }) => column)];
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
