import type { Expression } from './expression/parse.ts';
import { parseExpression } from './expression/parse.ts';
import { ExpressionError } from './expression/tokens.ts';
import { calculationKey } from './operators.ts';
import type { Problems } from './problems.ts';
import type { Having, Order, QuerySpec } from './query-spec.ts';

/** Notes a mistake in a field of the query. */
export type Add = Problems['add'];

/** Checks that results have distinct keys, and that orders and havings refer to one of them. */
export function checkTargets(spec: QuerySpec, add: Add): void {
  checkKeys(spec, add);
  checkOrders(spec, add);
  checkFormulas(spec, add);
}

/** A part of the query that a result has a value for, by its list and its index. */
export interface CheckedTarget {
  readonly kind: 'breakdown' | 'calculation' | 'formula';
  readonly index: number;
}

/** The target of an order: a calculation by op and column or by name, a formula by name, or a breakdown. */
export function orderTarget(spec: QuerySpec, order: Order): CheckedTarget | undefined {
  if (order.op !== undefined) {
    const index = spec.calculations.findIndex((c) => c.op === order.op && c.column === order.column);
    return index < 0 ? undefined : { kind: 'calculation', index };
  }
  const breakdown = spec.breakdowns.indexOf(order.column ?? '');
  return breakdown >= 0 ? { kind: 'breakdown', index: breakdown } : namedTarget(spec, order.column);
}

/** The calculation, by op and column or by name, or the formula that a having restricts. */
export function havingTarget(spec: QuerySpec, { calculate_op, column }: Having): CheckedTarget | undefined {
  if (calculate_op === undefined) return namedTarget(spec, column);
  const same = spec.calculations.filter(({ op }) => op === calculate_op);
  const found = same.find((each) => each.column === column) ?? same.find((each) => each.name === column);
  if (found !== undefined) return { kind: 'calculation', index: spec.calculations.indexOf(found) };
  const formula = spec.formulas.findIndex(({ name }) => name === column);
  return formula < 0 ? undefined : { kind: 'formula', index: formula };
}

function namedTarget(spec: QuerySpec, name: string | undefined): CheckedTarget | undefined {
  const formula = spec.formulas.findIndex((each) => each.name === name);
  if (formula >= 0) return { kind: 'formula', index: formula };
  const index = spec.calculations.findIndex((each) => each.name !== undefined && each.name === name);
  return index < 0 ? undefined : { kind: 'calculation', index };
}

/** Breakdowns, calculations and formulas are the keys of result rows and of expressions, so each needs its own key. */
function checkKeys(spec: QuerySpec, add: Add): void {
  const seen = new Set<string>();
  const claim = (key: string, field: string): void => {
    if (seen.has(key))
      add(field, `${JSON.stringify(key)} is already a result of this query; give it another name`);
    seen.add(key);
  };
  for (const [i, each] of spec.breakdowns.entries()) claim(each, `breakdowns[${i}]`);
  for (const [i, each] of spec.calculations.entries()) claim(calculationKey(each), `calculations[${i}]`);
  for (const [i, { name }] of spec.formulas.entries()) claim(name, `formulas[${i}].name`);
  const names = new Set<string>();
  spec.calculated_fields.forEach((each, i) => {
    if (names.has(each.name)) add(`calculated_fields[${i}].name`, 'is used twice');
    names.add(each.name);
  });
}

function checkOrders(spec: QuerySpec, add: Add): void {
  spec.orders.forEach((order, i) => {
    const target = orderTarget(spec, order);
    if (target === undefined)
      add(`orders[${i}]`, 'must name one of the breakdowns, calculations or formulas');
    else if (target.kind === 'calculation' && spec.calculations[target.index]?.op === 'HEATMAP') {
      add(`orders[${i}].op`, 'HEATMAP has no order', 'unsupported');
    }
  });
  spec.havings.forEach((having, i) => {
    const target = havingTarget(spec, having);
    if (target === undefined)
      add(
        `havings[${i}]`,
        'must repeat the op and the column of a calculation, or name a calculation or a formula',
      );
    else if (target.kind === 'calculation' && spec.calculations[target.index]?.op === 'HEATMAP')
      add(`havings[${i}]`, 'HEATMAP has no value to compare', 'unsupported');
  });
}

/** Checks that formulas are expressions over named calculations. */
function checkFormulas({ formulas, calculations }: QuerySpec, add: Add): void {
  if (formulas.length === 0) return;
  for (const [i, { op }] of calculations.entries())
    if (op === 'HEATMAP')
      add(`calculations[${i}].op`, 'a query with formulas cannot have a HEATMAP', 'unsupported');
  const named = new Set(calculations.flatMap(({ name }) => name ?? []));
  for (const [i, { name, expression }] of formulas.entries()) {
    const at = `formulas[${i}].expression`;
    try {
      const parts = partsOf(parseExpression(expression));
      for (const part of parts) {
        if (part.kind === 'call' && METRICS_FUNCTIONS.has(part.fn))
          add(at, `${part.fn} is a function of metrics, which the explorer does not keep`, 'unsupported');
        if (part.kind !== 'column' || named.has(part.name)) continue;
        const column = JSON.stringify(`$${part.name}`);
        if (part.name === name) add(at, `${column} is the formula itself`);
        else if (formulas.some((each) => each.name === part.name))
          add(at, `${column} is another formula; a formula calculates from calculations`);
        else add(at, `${column} is not the name of a calculation; name a calculation`);
      }
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      add(at, error.message);
    }
  }
}

/** Functions of Honeycomb for metrics. */
const METRICS_FUNCTIONS: ReadonlySet<string> = new Set(['RATE', 'INCREASE']);

function partsOf(expression: Expression): Expression[] {
  return expression.kind === 'call' ? [expression, ...expression.args.flatMap(partsOf)] : [expression];
}
