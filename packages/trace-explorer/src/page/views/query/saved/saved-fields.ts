import type { CalculatedField, QuerySpecInput } from '../../../../query/parse/query-spec.ts';
import { namedFields } from '../unknown-fields.ts';

/** A calculated field as it is saved: Honeycomb has it for all queries of an environment. */
export interface SavedField {
  readonly alias: string;
  readonly expression: string;
  readonly description: string;
}

/** `$columns` of an expression, plain, in quotes and in back quotes. */
const COLUMN = /\$(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`|([\p{Letter}\p{Nd}_./:=+?-]+))/gu;

/** A query with the saved fields that it names, each behind those that it uses; its own of the same name count before. */
export function withSavedFields(query: QuerySpecInput, saved: readonly SavedField[]): QuerySpecInput {
  const own = query.calculated_fields ?? [];
  const taken = new Set(own.map(({ name }) => name));
  const added: CalculatedField[] = [];
  const take = (name: string) => {
    const field = saved.find(({ alias }) => alias === name);
    if (field === undefined || taken.has(name)) return;
    taken.add(name);
    takeColumns(field.expression);
    added.push({ name, expression: field.expression });
  };
  const takeColumns = (expression: string) => {
    for (const [, quoted, raw, plain] of expression.matchAll(COLUMN)) take(quoted ?? raw ?? plain ?? '');
  };
  for (const name of namedFields(query)) take(name);
  for (const { expression } of own) takeColumns(expression);
  return added.length === 0 ? query : { ...query, calculated_fields: [...added, ...own] };
}

/** A query without the calculated fields that are saved as they are: Honeycomb knows them by their name. */
export function withoutSavedFields(query: QuerySpecInput, saved: readonly SavedField[]): QuerySpecInput {
  const { calculated_fields: own = [], ...rest } = query;
  const others = own.filter(
    ({ name, expression }) => !saved.some((each) => each.alias === name && each.expression === expression),
  );
  return others.length === 0 ? rest : { ...rest, calculated_fields: others };
}
