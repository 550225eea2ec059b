import type { FieldType } from '../../../../fields/field-type.ts';
import type { QuerySpecInput } from '../../../../query/parse/query-spec.ts';
import { relationOf } from '../../../../query/parse/relation.ts';

/** A field that queries can name. */
export interface FieldInfo {
  readonly name: string;
  /** `calculated`: whatever its expression gives. */
  readonly type: FieldType | 'calculated';
  /** How often it is of use: higher for what queries of this browser named, then for what more spans have. */
  readonly use?: number;
  /** Of a calculated field that is saved. */
  readonly expression?: string;
}

/** True for what can be measured. */
export function isNumeric({ type }: FieldInfo): boolean {
  return type === 'integer' || type === 'float' || type === 'calculated';
}

/** Fields with `text` in their name: those that begin with it first, then those of most use. */
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
    .map(({ field }) => field);
}

/** The field that a clause names: itself, else the field of another span that a name such as `root.name` means. */
export function fieldOf(fields: readonly FieldInfo[], name: string): FieldInfo | undefined {
  const own = fields.find((field) => field.name === name);
  if (own !== undefined) return own;
  const of = relationOf(name);
  return of && fields.find((field) => field.name === of.field);
}

/** The fields of a dataset, and those that a query calculates, which stand before stored ones of their name. */
export function withCalculated(
  fields: readonly FieldInfo[],
  { calculated_fields = [] }: QuerySpecInput,
): readonly FieldInfo[] {
  if (calculated_fields.length === 0) return fields;
  const names = new Set(calculated_fields.map(({ name }) => name));
  const calculated = [...names].map((name): FieldInfo => ({ name, type: 'calculated', use: 1e9 }));
  return [...calculated, ...fields.filter(({ name }) => !names.has(name))];
}
