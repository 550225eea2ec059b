import { calculationKey } from './operators.ts';
import type { Problems } from './problems.ts';
import type { Having, Order, QuerySpec } from './query-spec.ts';

/** Notes a mistake in a field of the query. */
export type Add = Problems['add'];

/** Checks that results have distinct keys, and that orders and havings refer to one of them. */
export function checkTargets(spec: QuerySpec, add: Add): void {
  checkKeys(spec, add);
  checkOrders(spec, add);
}

/** The target of an order: a calculation by op and column or by name, or a breakdown. */
export function orderTarget(
  spec: QuerySpec,
  order: Order,
): { kind: 'breakdown' | 'calculation'; index: number } | undefined {
  if (order.op !== undefined) {
    const index = spec.calculations.findIndex((c) => c.op === order.op && c.column === order.column);
    return index < 0 ? undefined : { kind: 'calculation', index };
  }
  const breakdown = spec.breakdowns.indexOf(order.column ?? '');
  if (breakdown >= 0) return { kind: 'breakdown', index: breakdown };
  const named = spec.calculations.findIndex((c) => c.name !== undefined && c.name === order.column);
  return named < 0 ? undefined : { kind: 'calculation', index: named };
}

/** Index of the calculation that a having restricts, by op and column or by name; -1 without such a calculation. */
export function havingTarget(spec: QuerySpec, { calculate_op, column }: Having): number {
  const same = spec.calculations.filter(({ op }) => op === calculate_op);
  const found = same.find((each) => each.column === column) ?? same.find((each) => each.name === column);
  return found === undefined ? -1 : spec.calculations.indexOf(found);
}

/** Breakdowns and calculations are the keys of result rows, so each needs its own key. */
function checkKeys(spec: QuerySpec, add: Add): void {
  const seen = new Set<string>();
  const claim = (key: string, field: string): void => {
    if (seen.has(key))
      add(field, `${JSON.stringify(key)} is already a result of this query; give it another name`);
    seen.add(key);
  };
  for (const [i, each] of spec.breakdowns.entries()) claim(each, `breakdowns[${i}]`);
  for (const [i, each] of spec.calculations.entries()) claim(calculationKey(each), `calculations[${i}]`);
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
      add(`orders[${i}]`, 'must name one of the breakdowns or one of the calculations');
    else if (target.kind === 'calculation' && spec.calculations[target.index]?.op === 'HEATMAP') {
      add(`orders[${i}].op`, 'HEATMAP has no order', 'unsupported');
    }
  });
  spec.havings.forEach((having, i) => {
    if (havingTarget(spec, having) < 0)
      add(`havings[${i}]`, 'must repeat the op and the column, or the name, of one of the calculations');
  });
}
