import { parseExpression } from '../parse/expression/parse.ts';
import { ExpressionError } from '../parse/expression/tokens.ts';
import { invalid } from '../parse/query-error.ts';
import type { QuerySpec } from '../parse/query-spec.ts';
import type { Binder } from './binder.ts';
import { compileExpression } from './expression/compile.ts';

/**
 * The SQL of each formula, over the columns `a0`, `a1` … of the calculations. A calculation without a value is null, and null
 * counts as in calculated fields. A number that JSON lacks is null.
 * @throws QueryError that quotes the mistake in an expression
 */
export function formulasSql({ formulas, calculations }: QuerySpec, binder: Pick<Binder, 'bind'>): string[] {
  const places = new Map(calculations.flatMap(({ name }, i) => (name === undefined ? [] : [[name, i]])));
  return formulas.map(({ expression }, i) => {
    try {
      const { sql, type } = compileExpression(parseExpression(expression), {
        binder,
        column: (name) => ({ sql: `CAST(a${places.get(name)} AS DOUBLE)`, type: 'float', finite: true }),
      });
      return type === 'float' ? `CASE WHEN isfinite(${sql}) THEN ${sql} END` : sql;
    } catch (error) {
      throw error instanceof ExpressionError ? invalid(`formulas[${i}].expression`, error.message) : error;
    }
  });
}
