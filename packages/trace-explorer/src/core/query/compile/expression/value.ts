import type { FieldType } from '../../../fields/field-type.ts';
import type { BoundType } from '../binder.ts';
import { numericSql, textSql } from '../column.ts';

/** An expression's SQL and the type of its result. `null` is the literal null, which fits every type. */
export interface Term {
  readonly sql: string;
  readonly type: FieldType | 'null';
  /** The value of a literal; undefined for a value that depends on the row. */
  readonly literal?: string | number | bigint | boolean | null;
}

/** Tools of a function besides its arguments. */
export interface CallContext {
  readonly bind: (value: string | number | bigint | boolean, type: BoundType) => string;
  /** @throws ExpressionError that names the fault of the call, and its position */
  readonly refuse: (message: string) => never;
}

/** A function of expressions: how many arguments it takes, and its SQL over them. */
export interface Fn {
  readonly min: number;
  readonly max: number;
  readonly sql: (args: readonly Term[], context: CallContext) => Term;
}

/** A condition, which must never be NULL. */
export function bool(sql: string): Term {
  return { sql: `(${sql})`, type: 'boolean' };
}

/** The kind of a value in comparisons. Integers and floats are one kind. */
export function kind(value: Term): 'number' | 'string' | 'boolean' | 'null' {
  return value.type === 'integer' || value.type === 'float' ? 'number' : value.type;
}

/** A value as DOUBLE. A text in the form of a number counts as this number. All other values are NULL. */
export function number(value: Term | undefined): string {
  return value === undefined || value.type === 'null'
    ? 'NULL::DOUBLE'
    : numericSql({ sql: value.sql, type: value.type });
}

/** A value as text; NULL stays. */
export function text(value: Term | undefined): string {
  return value === undefined || value.type === 'null'
    ? 'NULL::VARCHAR'
    : textSql({ sql: value.sql, type: value.type });
}

/** Whether a value is true: true itself, a number other than 0, the text `true`. Never NULL. */
export function truthy(value: Term): string {
  switch (value.type) {
    case 'boolean':
      return `coalesce(${value.sql}, false)`;
    case 'integer':
    case 'float':
      return `coalesce(${value.sql} <> 0, false)`;
    case 'string':
      return `coalesce(${value.sql} = 'true', false)`;
    case 'null':
      return 'false';
  }
}

/** The type that fits all values: their common type, a float for mixed numbers, else text. */
export function commonSqlType(values: readonly Term[]): Term['type'] {
  const types = new Set(values.map((value) => value.type).filter((type) => type !== 'null'));
  const [first] = types;
  if (first === undefined) return 'null';
  if (types.size === 1) return first;
  return [...types].every((type) => type === 'integer' || type === 'float') ? 'float' : 'string';
}

/** A value converted to the type that commonType found. */
export function as(type: Term['type'], value: Term): string {
  if (value.type === 'null') return 'NULL';
  if (value.type === type) return value.sql;
  return type === 'float' ? `(${value.sql})::DOUBLE` : text(value);
}
