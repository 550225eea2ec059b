import type { FieldType } from '../../../fields/field-type.ts';

/** A field that queries can name. */
export interface FieldInfo {
  readonly name: string;
  readonly type: FieldType;
  /** How often it is of use: higher for what queries of this browser named, then for what more spans have. */
  readonly use?: number;
}

/** True for what can be measured. */
export function isNumeric({ type }: FieldInfo): boolean {
  return type === 'integer' || type === 'float';
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
