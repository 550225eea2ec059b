import type { CalculatedField, QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import { relationOf } from '../../../../core/query/parse/relation.ts';
import type { SavedField } from '../../../../core/query/parse/saved-fields.ts';
import type { FieldInfo } from '../clauses/fields.ts';
import { namedFields } from '../clauses/fields.ts';

/** `$columns` of an expression, plain, in quotes and in back quotes. */
const COLUMN = /\$(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`|([\p{Letter}\p{Nd}_./:=+?-]+))/gu;

/**
 * The whole query, for a Honeycomb that may lack the fields saved here. Saved fields that the query names are added, each after
 * the fields that it uses. The query's own field hides a saved field with the same name.
 */
export function withSavedFields(query: QuerySpecInput, fields: readonly FieldInfo[]): QuerySpecInput {
  const own = query.calculated_fields ?? [];
  const taken = new Set(own.map(({ name }) => name));
  const added: CalculatedField[] = [];
  const take = (name: string) => {
    const expression = fields.find((field) => field.name === name)?.expression;
    if (expression === undefined || taken.has(name)) return;
    taken.add(name);
    takeColumns(expression);
    added.push({ name, expression });
  };
  const takeColumns = (expression: string) => {
    for (const [, quoted, raw, plain] of expression.matchAll(COLUMN)) take(quoted ?? raw ?? plain ?? '');
  };
  for (const name of namedFields(query)) {
    take(name);
    take(relationOf(name)?.field ?? name);
  }
  for (const { expression } of own) takeColumns(expression);
  return added.length === 0 ? query : { ...query, calculated_fields: [...added, ...own] };
}

/** A query without the calculated fields that are saved unchanged: Honeycomb knows them by their names. */
export function withoutSavedFields(query: QuerySpecInput, saved: readonly SavedField[]): QuerySpecInput {
  const { calculated_fields: own = [], ...rest } = query;
  const others = own.filter(
    ({ name, expression }) => !saved.some((each) => each.alias === name && each.expression === expression),
  );
  return others.length === 0 ? rest : { ...rest, calculated_fields: others };
}
