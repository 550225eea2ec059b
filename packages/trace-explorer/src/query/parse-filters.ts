import type { Problems } from './problems.ts';
import { isAbsent, quote } from './problems.ts';
import type { Filter, FilterCombination, FilterOp, FilterValue } from './query-spec.ts';
import { FILTER_OPS, MAX_ITEMS } from './query-spec.ts';

const KEYS = { column: true, op: true, value: true } as const;
/** Values of one `in` list; each is bound, so the bound is on the statement's size. */
const MAX_IN_VALUES = 1000;

/** Reads a list of filters as a query, a calculation or a selection has them. */
export function parseFilters(value: unknown, field: string, problems: Problems): Filter[] {
  return problems.list(value, field, MAX_ITEMS, (each, at) => parseFilter(each, at, problems));
}

export function parseFilterCombination(value: unknown, field: string, problems: Problems): FilterCombination {
  if (isAbsent(value) || value === '') return 'AND';
  return problems.oneOf(value, field, ['AND', 'OR'] as const) ?? 'AND';
}

function parseFilter(input: unknown, field: string, problems: Problems): Filter | undefined {
  const object = problems.object(input, field, KEYS);
  if (!object) return undefined;
  const column = problems.string(object.column, `${field}.column`);
  const op = problems.oneOf(object.op, `${field}.op`, FILTER_OPS);
  if (column === undefined || op === undefined) return undefined;
  const value = parseValue(op, object.value, `${field}.value`, problems);
  return value === undefined ? { column, op } : { column, op, value };
}

function parseValue(
  op: FilterOp,
  value: unknown,
  field: string,
  problems: Problems,
): Filter['value'] | undefined {
  if (op === 'exists' || op === 'does-not-exist') {
    return isAbsent(value) || value === '' ? undefined : problems.add(field, `${op} takes no value`);
  }
  if (op === 'in' || op === 'not-in') {
    if (!Array.isArray(value) || value.length === 0) {
      return problems.add(field, `${op} takes a list of at least one value`, 'incorrect_type');
    }
    return problems.list(value, field, MAX_IN_VALUES, (each, at) => scalar(each, at, problems));
  }
  if (isAbsent(value)) {
    return problems.add(field, `cannot be blank; use exists or does-not-exist for missing values`, 'missing');
  }
  const found = scalar(value, field, problems);
  const textual = !['=', '!=', '>', '>=', '<', '<='].includes(op);
  if (textual && found !== undefined && typeof found !== 'string') return String(found);
  return found;
}

function scalar(value: unknown, field: string, problems: Problems): FilterValue | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return problems.add(field, `${quote(value)} must be a string, a number or a boolean`, 'incorrect_type');
}
