import type { Filter, QuerySpecInput } from '../parse/query-spec.ts';

/** A value, and the fields of one meaning that it may stand in. */
interface Named {
  readonly field: string;
  readonly or?: readonly string[];
  readonly value: string;
}

/** The parts of a query for values that may stand in fields of several names: several names are one calculated field. */
export function namedFilters(
  given: readonly Named[],
): Pick<QuerySpecInput, 'calculated_fields'> & { filters: Filter[] } {
  const nameOf = ({ field, or }: Named) => (or === undefined ? field : `any ${field}`);
  const calculated_fields = given.flatMap((each) => {
    const { field, or } = each;
    if (or === undefined) return [];
    const names = [field, ...or].map((name) => `$${JSON.stringify(name)}`);
    return [{ name: nameOf(each), expression: `COALESCE(${names.join(', ')})` }];
  });
  return {
    ...(calculated_fields.length > 0 && { calculated_fields }),
    filters: given.map((each) => ({ column: nameOf(each), op: '=', value: each.value })),
  };
}
