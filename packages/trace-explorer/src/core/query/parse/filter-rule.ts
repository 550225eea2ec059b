import type { FilterOp } from './operators.ts';
import type { Problems } from './problems.ts';
import { isAbsent, quote } from './problems.ts';
import type { Filter, FilterValue } from './query-spec.ts';
import { MAX_IN_VALUES } from './query-spec.ts';
import type { SchemaRule } from './read-by-schema.ts';
import { readItems } from './read-by-schema.ts';

/** A filter with an unchecked value. */
type UncheckedFilter = Omit<Filter, 'value'> & { readonly value?: unknown };

/** The operator decides which value a filter takes: none, one, or a list. */
export const filterRule: SchemaRule<UncheckedFilter> = {
  check({ column, op, value }, at, problems) {
    const read = readValue(op, value, `${at}.value`, problems);
    return read === undefined ? { column, op } : { column, op, value: read };
  },
};

/** Operators that compare text, numbers and booleans; other operators take text. */
const COMPARISONS: readonly FilterOp[] = ['=', '!=', '>', '>=', '<', '<='];

function readValue(
  op: FilterOp,
  value: unknown,
  at: string,
  problems: Problems,
): FilterValue | FilterValue[] | undefined {
  if (op === 'exists' || op === 'does-not-exist') {
    const isNone = isAbsent(value) || value === '' || (Array.isArray(value) && value.length === 0);
    return isNone ? undefined : problems.add(at, `${op} takes no value`);
  }
  if (op === 'in' || op === 'not-in') {
    if (!Array.isArray(value) || value.length === 0) {
      return problems.add(at, `${op} takes a list of at least one value`, 'incorrect_type');
    }
    return readItems(value, at, MAX_IN_VALUES, problems, (each, path) => scalar(each, path, problems));
  }
  if (isAbsent(value)) {
    return problems.add(at, 'cannot be blank; use exists or does-not-exist for missing values', 'missing');
  }
  const found = scalar(value, at, problems);
  return COMPARISONS.includes(op) || found === undefined ? found : String(found);
}

function scalar(value: unknown, at: string, problems: Problems): FilterValue | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return problems.add(at, `${quote(value)} must be a string, a number or a boolean`, 'incorrect_type');
}
