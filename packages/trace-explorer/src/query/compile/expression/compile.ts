import type { Binder } from '../binder.ts';
import type { Column } from '../column.ts';
import type { Value } from './functions.ts';
import { FUNCTIONS } from './functions.ts';
import type { Expression } from './parse.ts';
import { ExpressionError } from './tokens.ts';

/** Longest SQL of one calculated field: fields that use each other many times over would outgrow any memory. */
const MAX_SQL = 100_000;

/** Honeycomb's functions that are not supported here, so that they can be refused as such. */
const UNSUPPORTED = [
  ...[
    'SWITCH',
    'MIN',
    'MAX',
    'LOG10',
    'BUCKET',
    'INT',
    'FLOAT',
    'BOOL',
    'STRING',
    'AVG',
    'CEIL',
    'FLOOR',
    'ROUND',
  ],
  ...['TO_LOWER', 'LENGTH', 'REG_MATCH', 'REG_VALUE', 'REG_COUNT', 'UNIX_TIMESTAMP', 'EVENT_TIMESTAMP'],
  ...['INGEST_TIMESTAMP', 'FORMAT_TIME'],
];

export interface ExpressionContext {
  readonly binder: Binder;
  /** The column of that name; throws when there is none. */
  readonly column: (name: string, at: number) => Column;
}

/**
 * Compiles an expression to SQL and its type. Rules, after Honeycomb's reference:
 * - arithmetic reads strings as numbers where they are; anything else counts as 0; division by 0 is null
 * - LT LTE GT GTE are false unless both sides are numbers or both strings; EQUALS is false across types,
 *   and null equals null only
 * - in conditions non-zero numbers, true and the string "true" are true
 * - CONCAT writes values as text and leaves nulls out
 * - IF and COALESCE over different types give text (integers and floats: a float)
 * @throws ExpressionError for unknown functions, wrong numbers of arguments and oversized results
 */
export function compileExpression(expression: Expression, context: ExpressionContext): Column {
  const value = compile(expression, context);
  return { sql: value.sql, type: value.type === 'null' ? 'string' : value.type };
}

function compile(expression: Expression, context: ExpressionContext): Value {
  if (expression.kind === 'column') return context.column(expression.name, expression.at);
  if (expression.kind === 'literal') return literal(expression.value, context.binder);
  const fn = FUNCTIONS.get(expression.fn);
  if (fn === undefined) {
    const reason = UNSUPPORTED.includes(expression.fn) ? 'is not supported here' : 'is not a function';
    const known = [...FUNCTIONS.keys()].filter((name) => name !== '!=').join(', ');
    throw new ExpressionError(`${expression.fn} ${reason}; there are ${known}`, expression.at);
  }
  const count = expression.args.length;
  if (count < fn.min || count > fn.max) {
    const wanted = fn.min === fn.max ? `${fn.min}` : `${fn.min} or more`;
    throw new ExpressionError(`${expression.fn} takes ${wanted} arguments, found ${count}`, expression.at);
  }
  const value = fn.sql(expression.args.map((arg) => compile(arg, context)));
  if (value.sql.length > MAX_SQL)
    throw new ExpressionError('is too large once its columns are filled in', expression.at);
  return value;
}

function literal(value: string | number | boolean | null, binder: Binder): Value {
  if (value === null) return { sql: 'NULL::VARCHAR', type: 'null' };
  if (typeof value === 'string') return { sql: binder.bind(value, 'VARCHAR'), type: 'string' };
  if (typeof value === 'boolean') return { sql: binder.bind(value, 'BOOLEAN'), type: 'boolean' };
  return Number.isSafeInteger(value)
    ? { sql: binder.bind(BigInt(value), 'BIGINT'), type: 'integer' }
    : { sql: binder.bind(value, 'DOUBLE'), type: 'float' };
}
