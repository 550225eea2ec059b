import type { Expression } from '../../parse/expression/parse.ts';
import { ExpressionError } from '../../parse/expression/tokens.ts';
import type { Binder } from '../binder.ts';
import type { Column } from '../column.ts';
import { FUNCTIONS } from './functions.ts';
import type { Term } from './value.ts';

/** Longest SQL of one calculated field. Fields that use each other many times would take unlimited memory. */
const MAX_SQL = 100_000;

export interface ExpressionContext {
  readonly binder: Pick<Binder, 'bind'>;
  /** The column with a name. Throws when no column has the name. */
  readonly column: (name: string, at: number) => Column;
}

/**
 * Compiles an expression to SQL and its type. Rules, after Honeycomb's reference:
 * - arithmetic reads strings in the form of a number as this number; anything else counts as 0; division by 0 is null
 * - LT LTE GT GTE are false unless both sides are numbers or both are strings; EQUALS is false across types, and null equals
 * null only
 * - in conditions non-zero numbers, true and the string "true" are true
 * - CONCAT writes values as text and leaves nulls out
 * - IF and COALESCE over different types give text (integers and floats: a float)
 * @throws ExpressionError for unknown functions, wrong numbers of arguments and oversized results
 */
export function compileExpression(expression: Expression, context: ExpressionContext): Column {
  const value = compile(expression, context);
  return { sql: value.sql, type: value.type === 'null' ? 'string' : value.type };
}

function compile(expression: Expression, context: ExpressionContext): Term {
  if (expression.kind === 'column') return context.column(expression.name, expression.at);
  if (expression.kind === 'literal') return literal(expression.value, context.binder);
  const fn = FUNCTIONS.get(expression.fn);
  if (fn === undefined) {
    const known = [...FUNCTIONS.keys()].filter((name) => name !== '!=').join(', ');
    throw new ExpressionError(
      `${expression.fn} is not a function of events; there are ${known}`,
      expression.at,
    );
  }
  const count = expression.args.length;
  if (count < fn.min || count > fn.max) {
    const wanted =
      fn.min === fn.max ? `${fn.min}` : `${fn.min} ${fn.max === Infinity ? 'or more' : `to ${fn.max}`}`;
    throw new ExpressionError(`${expression.fn} takes ${wanted} arguments, found ${count}`, expression.at);
  }
  const value = fn.sql(
    expression.args.map((arg) => compile(arg, context)),
    {
      bind: (bound, type) => context.binder.bind(bound, type),
      refuse: (message) => {
        throw new ExpressionError(message, expression.at);
      },
    },
  );
  if (value.sql.length > MAX_SQL)
    throw new ExpressionError('is too large once its columns are filled in', expression.at);
  return value;
}

function literal(
  value: string | number | bigint | boolean | null,
  binder: ExpressionContext['binder'],
): Term {
  if (value === null) return { sql: 'NULL::VARCHAR', type: 'null', literal: value };
  if (typeof value === 'string')
    return { sql: binder.bind(value, 'VARCHAR'), type: 'string', literal: value };
  if (typeof value === 'boolean')
    return { sql: binder.bind(value, 'BOOLEAN'), type: 'boolean', literal: value };
  return typeof value === 'bigint' || Number.isSafeInteger(value)
    ? { sql: binder.bind(BigInt(value), 'BIGINT'), type: 'integer', literal: value }
    : { sql: binder.bind(value, 'DOUBLE'), type: 'float', literal: value };
}
