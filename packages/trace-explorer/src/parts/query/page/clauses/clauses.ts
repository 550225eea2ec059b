import type { FilterOp } from '../../../../core/query/parse/operators.ts';
import {
  CALCULATION_OPS,
  calculationKey,
  FILTER_OPS,
  HAVING_OPS,
} from '../../../../core/query/parse/operators.ts';
import type {
  Calculation,
  Filter,
  FilterValue,
  Having,
  Order,
} from '../../../../core/query/parse/query-spec.ts';
import { relationOf } from '../../../../core/query/parse/relation.ts';
import { isExact, jsonOrNothing } from '../../../../lib/text/parse-json.ts';
import type { FieldInfo } from './fields.ts';
import { fieldNamed } from './fields.ts';

/** The error for a text that is not a clause. The message says how to write the clause. */
export class ClauseError extends Error {}

/** Reads `COUNT` or `P90(duration_ms)`, with `as name` and `where …` after it. @throws ClauseError */
export function parseNamedCalculation(text: string, fields: readonly FieldInfo[]): Calculation {
  const [plain = '', where] = text.split(/ where (.*)/su);
  const [target = '', name] = plain.split(/ as (.*)/su);
  const filters = where?.split(/ (?:AND|OR) /u).map((each) => parseFilter(each, fields));
  return {
    ...parseCalculation(target),
    ...(name !== undefined && { name: name.trim() }),
    ...(filters && { filters }),
    ...(where !== undefined && / OR /u.test(where) && { filter_combination: 'OR' as const }),
  };
}

/** Whether the text of a calculation has all of the calculation. */
export function isWritable({ name = '', filters = [] }: Calculation): boolean {
  return !/ (?:where|as|AND|OR) /u.test([name, ...filters.map(formatFilter)].join('\n'));
}

/** Reads `COUNT` or `P90(duration_ms)`. @throws ClauseError */
export function parseCalculation(text: string): Calculation {
  const [, name = '', , column] = /^([A-Za-z_0-9]+)\s*(\((.*)\))?$/su.exec(text.trim()) ?? [];
  const op = CALCULATION_OPS.find((each) => each === name.toUpperCase());
  if (op === undefined) {
    throw new ClauseError('Write a calculation such as COUNT, P90(duration_ms) or HEATMAP(duration_ms).');
  }
  const trimmed = column?.trim() ?? '';
  if (trimmed === '' && op !== 'COUNT' && op !== 'CONCURRENCY') {
    throw new ClauseError(`${op} needs a field: ${op}(duration_ms).`);
  }
  if (trimmed !== '' && op === 'CONCURRENCY') throw new ClauseError('CONCURRENCY takes no field.');
  return trimmed === '' ? { op } : { op, column: trimmed };
}

/** Writes a calculation in the form that parseNamedCalculation reads. */
export function formatCalculation(calculation: Calculation): string {
  const { op, column, name, filters = [] } = calculation;
  const own = calculationKey({ op, column });
  const plain = name === undefined ? own : `${own} as ${name}`;
  if (filters.length === 0) return plain;
  const combination = ` ${calculation.filter_combination ?? 'AND'} `;
  return `${plain} where ${filters.map(formatFilter).join(combination)}`;
}

/** Reads `duration_ms > 100`, `name in a, b` or `app.now exists`. @throws ClauseError */
export function parseFilter(text: string, fields: readonly FieldInfo[]): Filter {
  const { column, op, rest } = splitFilter(text, fields);
  if (column === '') throw new ClauseError('Write a condition such as duration_ms > 100 or app.now exists.');
  if (op === undefined)
    throw new ClauseError(`Write what ${column} should be: ${column} exists, ${column} = …, ${column} > …`);
  if (op === 'exists' || op === 'does-not-exist') {
    if (rest !== '') throw new ClauseError(`${op} takes no value.`);
    return { column, op };
  }
  const type = fieldNamed(fields, column)?.type;
  if (op === 'in' || op === 'not-in') {
    const values = splitList(rest).map((each) => parseValue(each, type));
    if (values.length === 0) throw new ClauseError(`${op} takes values, separated by commas.`);
    return { column, op, value: values };
  }
  if (rest === '') throw new ClauseError(`${column} ${op} needs a value; an empty one is "".`);
  return { column, op, value: parseValue(rest, type) };
}

/** Writes a filter in the form that parseFilter reads. */
export function formatFilter({ column, op, value }: Filter): string {
  if (value === undefined) return `${column} ${op}`;
  if (Array.isArray(value)) return `${column} ${op} ${value.map(formatListed).join(', ')}`;
  return `${column} ${op} ${formatValue(value as FilterValue)}`;
}

/** Splits a possibly unfinished filter into field, operator and the rest. */
export function splitFilter(
  text: string,
  fields: readonly FieldInfo[],
): { column: string; op?: FilterOp; rest: string; afterColumn: boolean } {
  const trimmed = text.trimStart();
  // Names may contain spaces. The longest known name wins, then the text before the first space.
  const column = knownName(trimmed, fields) ?? /^[^\s=!<>]+/u.exec(trimmed)?.[0] ?? '';
  const after = trimmed.slice(column.length);
  const tail = after.trimStart();
  const op = OPERATORS.find(
    (each) => tail.startsWith(each) && (/^[=!<>]/u.test(each) || /^(\s|$)/u.test(tail.slice(each.length))),
  );
  return {
    column,
    ...(op !== undefined && { op }),
    rest: op === undefined ? tail.trim() : tail.slice(op.length).trim(),
    afterColumn: after.length > 0,
  };
}

/** Reads `P90(duration_ms) desc`, or a name of a group, formula or calculation. @throws ClauseError */
export function parseOrder(text: string, names: readonly string[]): Order {
  const given = text.trim();
  const found = /(?<!\s)\s+(asc|ascending|desc|descending)$/iu.exec(given);
  const target = given.slice(0, found?.index);
  if (target === '') throw new ClauseError('Write what to order by, such as COUNT desc.');
  const order = found?.[1]?.toLowerCase().startsWith('a') ? 'ascending' : 'descending';
  if (names.includes(target)) return { column: target, order };
  try {
    return { ...parseCalculation(target), order };
  } catch {
    throw new ClauseError(`${target} is neither a calculation of this query nor one of its groups.`);
  }
}

export function formatOrder({ op, column, order }: Order): string {
  const target = op === undefined ? (column ?? '') : calculationKey({ op, column });
  return `${target} ${order === 'descending' ? 'desc' : 'asc'}`;
}

/** Reads `COUNT > 10`, or a name of a formula or calculation instead of `COUNT`. @throws ClauseError */
export function parseHaving(text: string, names: readonly string[]): Having {
  const [, target = '', op = '', number = ''] =
    /^(.*?)(?<!\s)\s*(!=|>=|<=|=|>|<)\s*([^\s!<>=]+)$/su.exec(text.trim()) ?? [];
  const comparison = HAVING_OPS.find((each) => each === op);
  const value = Number(number);
  if (comparison === undefined || number === '' || !Number.isFinite(value)) {
    throw new ClauseError('Compare a calculation with a number, such as COUNT > 10.');
  }
  if (names.includes(target)) return { column: target, op: comparison, value };
  const { op: calculate_op, column } = parseCalculation(target);
  if (calculate_op === 'HEATMAP')
    throw new ClauseError('A HEATMAP is not a number, so nothing can be compared with it.');
  return { calculate_op, ...(column !== undefined && { column }), op: comparison, value };
}

export function formatHaving({ calculate_op, column, op, value }: Having): string {
  const target = calculate_op === undefined ? (column ?? '') : calculationKey({ op: calculate_op, column });
  return `${target} ${op} ${value}`;
}

/** The longest field name at the beginning of a text, also of a field of another span (`root.name`). */
function knownName(text: string, fields: readonly FieldInfo[]): string | undefined {
  const [own] = fields
    .map((field) => field.name)
    .filter((name) => text.startsWith(name) && /^(\s|[=!<>]|$)/u.test(text.slice(name.length)))
    .sort((a, b) => b.length - a.length);
  if (own !== undefined) return own;
  const named = relationOf(text);
  const related = named && knownName(named.field, fields);
  return related === undefined ? undefined : `${named?.relation}.${related}`;
}

/** Longer operators first: `>=` before `>`, `does-not-start-with` before operators with the same beginning. */
const OPERATORS = [...FILTER_OPS].sort((a, b) => b.length - a.length);

/** Reads quoted text as text. Without quotes the field's type decides, and without a type the form of the value. */
function parseValue(text: string, type: FieldInfo['type'] | undefined): FilterValue {
  const quoted = /^".*"$/su.test(text) ? jsonOrNothing(text) : undefined;
  if (typeof quoted === 'string') return quoted;
  if (type === 'string') return text;
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return text !== '' && Number.isFinite(number) && isExact(text, number) ? number : text;
}

/** Quotes a text that would be read as another value. */
function formatValue(value: FilterValue): string {
  if (typeof value !== 'string') return String(value);
  const isPlain = value !== '' && value === value.trim() && !value.startsWith('"');
  return isPlain && parseValue(value, undefined) === value ? value : JSON.stringify(value);
}

function formatListed(value: FilterValue): string {
  return typeof value === 'string' && value.includes(',') ? JSON.stringify(value) : formatValue(value);
}

function splitList(text: string): string[] {
  const parts = text.match(/\s*"(?:\\.|[^"\\])*"\s*(?=,|$)|[^,]+/gsu) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
