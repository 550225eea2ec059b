import type { FieldType } from '../../../../src/core/fields/field-type.ts';
import type { Expression } from '../../../../src/core/query/parse/expression/parse.ts';
import type { Filter, FilterValue } from '../../../../src/core/query/parse/query-spec.ts';

/** A value as one row has it; the type is the column's, whatever the row holds. */
export type Value = string | number | boolean | null;

const NUMERIC = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u;

/** A value as a number: itself, or a string that reads as one. */
export function asNumber(value: Value): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && NUMERIC.test(value) ? Number(value) : null;
}

export function compareValues(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}

/** Whether a row's value passes a filter, by the rules in filters.ts. */
export function passes(filter: Filter, value: Value): boolean {
  switch (filter.op) {
    case 'exists':
      return value !== null;
    case 'does-not-exist':
      return value === null;
    case 'in':
      return (filter.value as FilterValue[]).some((each) => compares('=', value, each));
    case 'not-in':
      return !(filter.value as FilterValue[]).some((each) => compares('=', value, each));
    case '!=':
      return !compares('=', value, filter.value as FilterValue);
    case 'contains':
    case 'does-not-contain':
      return (value !== null && String(value).includes(String(filter.value))) === (filter.op === 'contains');
    case 'starts-with':
    case 'does-not-start-with':
      return (
        (value !== null && String(value).startsWith(String(filter.value))) === (filter.op === 'starts-with')
      );
    case 'ends-with':
    case 'does-not-end-with':
      return (value !== null && String(value).endsWith(String(filter.value))) === (filter.op === 'ends-with');
    default:
      return compares(filter.op, value, filter.value as FilterValue);
  }
}

function compares(op: '=' | '>' | '>=' | '<' | '<=', value: Value, wanted: FilterValue): boolean {
  const pair = comparable(value, wanted);
  if (pair === undefined) return false;
  const order = compareValues(pair[0], pair[1]);
  return { '=': order === 0, '>': order > 0, '>=': order >= 0, '<': order < 0, '<=': order <= 0 }[op];
}

/** Both sides as one type, or undefined when they never match. */
function comparable(value: Value, wanted: FilterValue): [Value, Value] | undefined {
  if (value === null) return undefined;
  if (typeof value === 'boolean') {
    const other =
      wanted === true || wanted === 'true'
        ? true
        : wanted === false || wanted === 'false'
          ? false
          : undefined;
    return other === undefined ? undefined : [value, other];
  }
  if (typeof value === 'number') {
    const other = typeof wanted === 'boolean' ? null : asNumber(wanted);
    return other === null ? undefined : [value, other];
  }
  if (typeof wanted !== 'number') return [value, String(wanted)];
  const number = asNumber(value);
  return number === null ? undefined : [number, wanted];
}

export interface Typed {
  readonly value: Value;
  /** The column's type; null for the literal null. */
  readonly type: FieldType | null;
}

/** Seconds since the epoch. */
export interface Times {
  readonly event: number;
  readonly ingest: number;
}

/** An expression's value for one row, by the rules in expression/compile.ts. */
export function evaluate(expression: Expression, column: (name: string) => Typed, times: Times): Typed {
  if (expression.kind === 'column') return column(expression.name);
  if (expression.kind === 'literal') return literalOf(plain(expression.value));
  const args = expression.args.map((arg) => evaluate(arg, column, times));
  const numbers = args.map((arg) => asNumber(arg.value) ?? 0);
  const [a = literalOf(null), b = literalOf(null)] = args;
  switch (expression.fn) {
    case 'SUM':
      return float(numbers.reduce((x, y) => x + y));
    case 'SUB':
      return float(numbers.reduce((x, y) => x - y));
    case 'MUL':
      return float(numbers.reduce((x, y) => x * y));
    case 'DIV':
      return float(numbers[1] === 0 ? null : (numbers[0] ?? 0) / (numbers[1] ?? 0));
    case 'MOD':
      return float(numbers[1] === 0 ? null : (numbers[0] ?? 0) % (numbers[1] ?? 0));
    case 'LT':
      return bool(ordered(a, b, (order) => order < 0));
    case 'LTE':
      return bool(ordered(a, b, (order) => order <= 0));
    case 'GT':
      return bool(ordered(a, b, (order) => order > 0));
    case 'GTE':
      return bool(ordered(a, b, (order) => order >= 0));
    case 'EQUALS':
      return bool(a.value === b.value);
    case '!=':
      return bool(a.value !== b.value);
    case 'IN':
      return bool(args.slice(1).some((each) => each.value === a.value));
    case 'AND':
      return bool(args.every((arg) => truthy(arg.value)));
    case 'OR':
      return bool(args.some((arg) => truthy(arg.value)));
    case 'NOT':
      return bool(!truthy(a.value));
    case 'EXISTS':
      return bool(a.value !== null);
    case 'CONCAT':
      return {
        value: args.map((arg) => (arg.value === null ? '' : String(arg.value))).join(''),
        type: 'string',
      };
    case 'MIN':
    case 'MAX': {
      const present = args.filter((arg) => arg.value !== null);
      const same = present.filter((arg) => typeof arg.value === typeof present[0]?.value);
      const sorted = same.map(({ value }) => value).sort(compareValues);
      return unified(args, (expression.fn === 'MIN' ? sorted[0] : sorted.at(-1)) ?? null);
    }
    case 'LOG10': {
      const number = asNumber(a.value);
      return float(number !== null && number > 0 ? Math.log10(number) : null);
    }
    case 'BUCKET':
      return { value: typeof a.value === 'number' ? rangeName(a.value, numbers) : null, type: 'string' };
    case 'INT':
      return { value: Math.trunc(numbers[0] ?? 0) + 0, type: 'integer' };
    case 'FLOAT':
      return float(numbers[0] ?? 0);
    case 'BOOL':
      return bool(truthy(a.value));
    case 'STRING':
      return { value: a.value === null ? '' : String(a.value), type: 'string' };
    case 'TO_LOWER':
      return { value: typeof a.value === 'string' ? a.value.toLowerCase() : null, type: 'string' };
    case 'LENGTH': {
      const length = typeof a.value === 'string' ? lengthOf(a.value, b.value) : null;
      return { value: length, type: 'integer' };
    }
    case 'REG_MATCH':
      return bool(typeof a.value === 'string' && new RegExp(String(b.value), 'u').test(a.value));
    case 'REG_VALUE': {
      const found = typeof a.value === 'string' ? new RegExp(String(b.value), 'u').exec(a.value) : null;
      return {
        value: found === null ? null : found.length > 1 ? (found[1] ?? '') : found[0],
        type: 'string',
      };
    }
    case 'REG_COUNT': {
      const all = typeof a.value === 'string' ? [...a.value.matchAll(new RegExp(String(b.value), 'gu'))] : [];
      return { value: all.length, type: 'integer' };
    }
    case 'SWITCH': {
      const cases = args.slice(1);
      const hit = cases.findIndex((each, i) => i % 2 === 0 && i + 1 < cases.length && each.value === a.value);
      const fallback = cases.length % 2 === 1 ? cases.at(-1) : undefined;
      const results = cases.filter((_, i) => i % 2 === 1).concat(fallback ? [fallback] : []);
      return unified(results, (hit >= 0 ? cases[hit + 1] : fallback)?.value ?? null);
    }
    case 'UNIX_TIMESTAMP': {
      const isTime = typeof a.value === 'string' && /^\d{4}-.*T.*(?:Z|[+-]\d\d:\d\d)$/u.test(a.value);
      return float(isTime ? Date.parse(String(a.value)) / 1000 : null);
    }
    case 'EVENT_TIMESTAMP':
      return float(times.event);
    case 'INGEST_TIMESTAMP':
      return float(times.ingest);
    case 'FORMAT_TIME': {
      const time = asNumber(b.value);
      return {
        value: time === null ? null : formatted(String(a.value), new Date(time * 1000)),
        type: 'string',
      };
    }
    case 'STARTS_WITH':
      return bool(bothStrings(a, b) && String(a.value).startsWith(String(b.value)));
    case 'ENDS_WITH':
      return bool(bothStrings(a, b) && String(a.value).endsWith(String(b.value)));
    case 'CONTAINS':
      return bool(bothStrings(a, b) && String(a.value).includes(String(b.value)));
    case 'COALESCE':
      return unified(args, args.find((arg) => arg.value !== null)?.value ?? null);
    case 'IF': {
      const pairs = args.filter((_, i) => i % 2 === 0 && i + 1 < args.length);
      const hit = pairs.findIndex((condition) => truthy(condition.value));
      const fallback = args.length % 2 === 1 ? args.at(-1) : undefined;
      const results = args.filter((_, i) => i % 2 === 1).concat(fallback ? [fallback] : []);
      return unified(results, (hit >= 0 ? args[hit * 2 + 1] : fallback)?.value ?? null);
    }
    default:
      throw new TypeError(`the oracle does not know ${expression.fn}`);
  }
}

function literalOf(value: Value): Typed {
  if (value === null) return { value, type: null };
  if (typeof value === 'number') return { value, type: Number.isInteger(value) ? 'integer' : 'float' };
  return { value, type: typeof value === 'string' ? 'string' : 'boolean' };
}

function unified(options: readonly Typed[], value: Value): Typed {
  const types = [...new Set(options.map((each) => each.type).filter((type) => type !== null))];
  const [first = null] = types;
  if (types.length <= 1) return { value, type: first };
  if (types.every((type) => type === 'integer' || type === 'float')) return { value, type: 'float' };
  return { value: value === null ? null : String(value), type: 'string' };
}

function float(value: number | null): Typed {
  return { value, type: 'float' };
}

function bool(value: boolean): Typed {
  return { value, type: 'boolean' };
}

function bothStrings(a: Typed, b: Typed): boolean {
  return typeof a.value === 'string' && typeof b.value === 'string';
}

function ordered(a: Typed, b: Typed, test: (order: number) => boolean): boolean {
  if (
    typeof a.value !== typeof b.value ||
    typeof a.value === 'boolean' ||
    a.value === null ||
    b.value === null
  )
    return false;
  return test(compareValues(a.value, b.value));
}

function truthy(value: Value): boolean {
  if (typeof value === 'string') return value === 'true';
  return Boolean(value);
}

/** Integers that only an expression writes are beyond what the rows hold. */
function plain(value: string | number | bigint | boolean | null): Value {
  return typeof value === 'bigint' ? Number(value) : value;
}

function lengthOf(text: string, unit: Value): number {
  return unit === 'bytes' ? Buffer.byteLength(text) : [...text].length;
}

function rangeName(value: number, [, size = 1, min, max]: readonly number[]): string {
  if (min !== undefined && value <= min) return `< ${min}`;
  if (max !== undefined && value > max) return `> ${max}`;
  const start = (min ?? 0) + (Math.ceil((value - (min ?? 0)) / size) - 1) * size + 0;
  return `${start} - ${Math.min(start + size, max ?? Infinity) + 0}`;
}

const nameOf = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en', { timeZone: 'UTC', ...options });
/** Made once: that takes longer than all else that an expression does. */
const NAMES = {
  day: nameOf({ weekday: 'long' }),
  shortDay: nameOf({ weekday: 'short' }),
  month: nameOf({ month: 'short' }),
};

function formatted(format: string, date: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const parts: Readonly<Record<string, () => string>> = {
    Y: () => String(date.getUTCFullYear()),
    m: () => two(date.getUTCMonth() + 1),
    d: () => two(date.getUTCDate()),
    e: () => String(date.getUTCDate()).padStart(2),
    H: () => two(date.getUTCHours()),
    M: () => two(date.getUTCMinutes()),
    S: () => two(date.getUTCSeconds()),
    A: () => NAMES.day.format(date),
    a: () => NAMES.shortDay.format(date),
    b: () => NAMES.month.format(date),
    F: () => date.toISOString().slice(0, 10),
    T: () => date.toISOString().slice(11, 19),
    s: () => String(Math.floor(date.getTime() / 1000)),
    u: () => String(date.getUTCDay() || 7),
    C: () => String(Math.floor(date.getUTCFullYear() / 100)),
    z: () => '+0000',
    Z: () => 'UTC',
    '%': () => '%',
  };
  return format.replaceAll(/%(.)/gu, (_, letter: string) => parts[letter]?.() ?? '?');
}
