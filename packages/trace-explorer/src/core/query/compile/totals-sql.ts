import type { CheckedTarget } from '../parse/check-targets.ts';
import { havingTarget, orderTarget } from '../parse/check-targets.ts';
import type { QueryScope } from './query-scope.ts';
import type { TimeWindow } from './time-window.ts';

/** Common table expressions for window number w: its rows (`base`) and all groups with their totals. */
export function totalsCtes(scope: QueryScope, window: TimeWindow, w: number): string[] {
  const percentiles = scope.weightedPercentiles();
  // Weighted percentiles read these rows several times. Each time would search the other spans of the trace again, and take
  // memory for it.
  const materialized = percentiles.length > 0 ? 'MATERIALIZED' : 'NOT MATERIALIZED';
  return [
    `base${w} AS ${materialized} (${scope.baseRows(window)})`,
    ...scope
      .indexes('RATE')
      .map((i) => `apart${w}_${i} AS NOT MATERIALIZED (${meanChange(scope, window, w, i)})`),
    ...percentiles.map(
      (group) => `apart${w}_${group[0]} AS NOT MATERIALIZED (${weightedPercentile(scope, w, group)})`,
    ),
    `totals${w} AS NOT MATERIALIZED (${totals(scope, window, w)})`,
  ];
}

/**
 * Common table expressions of the groups of the answer, numbered in their order: `top` and, for a comparison, `gone`. The latter
 * has the groups that only the earlier window has, with their totals there. `shown` has both.
 */
export function topCtes(scope: QueryScope, windows: number): string[] {
  const top = `top AS MATERIALIZED (${numbered(scope, 'totals0')})`;
  if (windows === 1 || scope.breakdowns().length === 0) return [top, 'shown AS NOT MATERIALIZED (FROM top)'];
  const gone = `SELECT * FROM totals1 ANTI JOIN totals0 ON ${scope.sameGroup('totals1', 'totals0')}`;
  return [
    top,
    `gone AS MATERIALIZED (SELECT * REPLACE (rn + ${scope.spec.limit} AS rn) FROM (${numbered(scope, `(${gone})`)}))`,
    'shown AS NOT MATERIALIZED (FROM top UNION ALL FROM gone)',
  ];
}

/** Groups in the order of the query, up to its limit, with their numbers. */
function numbered(scope: QueryScope, groups: string): string {
  const { havings, limit } = scope.spec;
  const conditions = havings.map((having) => {
    const column = columnOf(havingTarget(scope.spec, having));
    return `TRY_CAST(${column} AS DOUBLE) ${having.op} ${scope.binder.bind(having.value, 'DOUBLE')}`;
  });
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  const order = orderTerms(scope).join(', ') || '1';
  const formulas = scope.formulas.map((sql, i) => `, ${sql} AS f${i}`).join('');
  const all = formulas === '' ? groups : `(SELECT *${formulas} FROM ${groups})`;
  const limited = `SELECT * FROM ${all}${where} ORDER BY ${order} LIMIT ${limit}`;
  return `SELECT row_number() OVER (ORDER BY ${order}) AS rn, * FROM (${limited})`;
}

function totals(scope: QueryScope, window: TimeWindow, w: number): string {
  const { calculations } = scope.spec;
  const names = scope.breakdowns();
  // A value that is not a plain aggregate of the group's rows is calculated separately and joined.
  const apart = [...scope.indexes('RATE').map((i) => [i] as const), ...scope.weightedPercentiles()];
  const sourceOf = new Map(apart.flatMap((group) => group.map((i) => [i, `apart${w}_${group[0]}`])));
  const values = calculations.map((each, i) => {
    if (each.op === 'HEATMAP' || sourceOf.has(i)) return `any_value(NULL::DOUBLE) AS a${i}`;
    const sql = each.op === 'CONCURRENCY' ? meanConcurrency(scope, window, i) : scope.aggregate(each.op, i);
    return `${sql} AS a${i}`;
  });
  // How many rows a group has decides how its traces are counted.
  if (scope.isWeighted) values.push('count(*) AS n');
  // The totals of heatmaps are the sums of their cells, so there is nothing to read.
  if (names.length === 0 && calculations.every((each) => each.op === 'HEATMAP'))
    return `SELECT ${values.join(', ')}`;
  const plain = `SELECT ${[...names, ...values].join(', ')} FROM base${w}${scope.groupBy()}`;
  if (apart.length === 0) return plain;
  const joins = [...new Set(sourceOf.values())].map(
    (source) => ` LEFT JOIN ${source} ON ${scope.sameGroup('p', source)}`,
  );
  const columns = calculations.map((_, i) => `${sourceOf.get(i) ?? 'p'}.a${i}`);
  if (scope.isWeighted) columns.push('p.n');
  return `SELECT ${[...names.map((b) => `p.${b}`), ...columns].join(', ')} FROM (${plain}) p${joins.join('')}`;
}

/** Mean change from one non-empty bucket to the next. The sum of all changes is last - first. */
function meanChange(scope: QueryScope, window: TimeWindow, w: number, i: number): string {
  const names = scope.breakdowns();
  const value = scope.aggregate(scope.spec.calculations[i]?.op ?? 'COUNT', i);
  const keys = [...names, `${scope.bucket(window)} AS bk`].join(', ');
  const buckets = `SELECT ${keys}, ${value} AS v FROM base${w}${scope.groupBy('bk')}`;
  const change = '(arg_max(v, bk) - arg_min(v, bk)) / nullif(count(v) - 1, 0)';
  return `SELECT ${[...names, `${change} AS a${i}`].join(', ')} FROM (${buckets}) WHERE v IS NOT NULL${scope.groupBy()}`;
}

function weightedPercentile(scope: QueryScope, w: number, group: readonly [number, ...number[]]): string {
  const names = scope.breakdowns();
  const { rows, values } = scope.weightedPercentile(group, `base${w}`, names);
  const columns = [...names, ...values.map((value, at) => `${value} AS a${group[at]}`)];
  return `SELECT ${columns.join(', ')} FROM ${rows}${scope.groupBy()}`;
}

/** Mean number of open spans in the window: the time that spans cover in the window, divided by its length. */
function meanConcurrency(scope: QueryScope, window: TimeWindow, i: number): string {
  const length = scope.nanoseconds(Math.max(1, window.end - window.start));
  const covered = `least(t + ${scope.durationNs(i)}, ${scope.windowEnd(window)}) - t`;
  // least() ignores NULL: a row without a duration would last until the window's end.
  return `coalesce(sum(${scope.weighed(covered)}) FILTER (WHERE ${scope.present(i)}), 0) / ${length}`;
}

/** The column of the totals that has a target's value. */
function columnOf(target: CheckedTarget | undefined): string {
  if (target === undefined) throw new TypeError('A parsed query has no order or having without a target');
  return `${{ breakdown: 'b', calculation: 'a', formula: 'f' }[target.kind]}${target.index}`;
}

/** The orders of the query, or else the first formula or calculation that has an order, descending; then the breakdowns. */
function orderTerms(scope: QueryScope): string[] {
  const names = scope.breakdowns();
  if (names.length === 0) return [];
  const terms = scope.spec.orders.flatMap((order) => {
    const target = orderTarget(scope.spec, order);
    return target === undefined
      ? []
      : [`${columnOf(target)} ${order.order === 'descending' ? 'DESC' : 'ASC'} NULLS LAST`];
  });
  const index = scope.spec.calculations.findIndex((each) => each.op !== 'HEATMAP');
  const first = scope.formulas.length > 0 ? 'f0' : index < 0 ? undefined : `a${index}`;
  if (terms.length === 0 && first !== undefined) terms.push(`${first} DESC NULLS LAST`);
  return [...terms, ...names.map((name) => `${name} ASC NULLS LAST`)];
}
