import type { QuerySpecInput } from '../../../../query/parse/query-spec.ts';
import { relationOf, SINGLE_RELATIONS } from '../../../../query/parse/relation.ts';
import type { FieldInfo } from '../clauses/fields.ts';
import { fieldOf } from '../clauses/fields.ts';
import { namedFields } from '../clauses/unknown-fields.ts';

/** Fields that distinguish rows in every query. */
const ALWAYS = ['service.name', 'name', 'duration_ms'];
const MOST = 12;

/** The first columns: fields of every span, and fields that the query names or calculates. */
export function defaultColumns(query: QuerySpecInput, fields: readonly FieldInfo[]): string[] {
  const calculated = (query.calculated_fields ?? []).map(({ name }) => name);
  const known = (name: string) => calculated.includes(name) || fieldOf(fields, name) !== undefined;
  // A cell has one value, so fields of several spans are left out.
  const single = (name: string) => {
    const related = fields.some((field) => field.name === name) ? undefined : relationOf(name);
    return related === undefined || SINGLE_RELATIONS.includes(related.relation);
  };
  const names = [...ALWAYS, ...namedFields(query), ...calculated];
  return [...new Set(names)].filter((name) => known(name) && single(name)).slice(0, MOST);
}
