import { calculationKey } from '../../../../core/query/parse/operators.ts';
import type { Calculation, QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import { completeExpression } from '../calculated/complete-expression.ts';
import type { Complete } from '../clauses/complete.ts';

/** Names of formulas, then of calculations. */
export function namesOf({ formulas = [], calculations = [] }: QuerySpecInput): string[] {
  return [...formulas, ...calculations].flatMap(({ name }) => name ?? []);
}

/**
 * Gives a name to each calculation that needs one: beside a formula, and with filters. As in Honeycomb, the first calculation
 * is `A`, the second `B`. A query without calculations counts events.
 */
export function withNames(query: QuerySpecInput): QuerySpecInput {
  const { calculations = [], formulas = [] } = query;
  const all: readonly Calculation[] =
    formulas.length > 0 && calculations.length === 0 ? [{ op: 'COUNT' }] : calculations;
  if (all.length === 0) return query;
  const taken = new Set([...namesOf(query), ...(query.breakdowns ?? [])]);
  const named = all.map((each, i): Calculation => {
    if (each.name !== undefined || (formulas.length === 0 && !each.filters)) return each;
    const letter = String.fromCharCode(65 + (i % 26));
    const name = i < 26 && !taken.has(letter) ? letter : `${letter}${i}`;
    const { op, column, ...rest } = each;
    return { op, ...(column !== undefined && { column }), name, ...rest };
  });
  return { ...query, calculations: named };
}

/** Completes `name = expression` with names of calculations after `$`, and with functions. */
export const completeFormula: Complete = (text, context) => {
  const { calculations = [] } = withNames({ ...context.query, formulas: [{ name: '', expression: '' }] });
  const fields = calculations.flatMap(({ name, ...own }) =>
    name === undefined ? [] : [{ name, type: 'calculated' as const, expression: calculationKey(own) }],
  );
  return completeExpression(text, { ...context, fields });
};
