import type { Statement } from '../../../../core/query/compile/binder.ts';
import type { Column } from '../../../../core/query/compile/column.ts';
import { numericSql } from '../../../../core/query/compile/column.ts';
import type { SideCounts } from './distribution.ts';
import type { SidesPlan } from './plan.ts';

/** Most values shown per field; values with the largest differences come first. */
const MAX_VALUES = 20;
/** Shares of the values below each edge between two ranges. */
const EDGES = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/** Finds an event of the query that stands for several events. Undefined when each row of the window is one event. */
export function sampledSql(plan: SidesPlan): Statement | undefined {
  if (plan.weight === undefined) return undefined;
  return plan.binder.finish(`SELECT 1 FROM spans WHERE ${plan.where} AND ${plan.weight} > 1 LIMIT 1`);
}

/** The number of selected rows, and of all rows. */
export function sidesSql(plan: SidesPlan): Statement {
  return plan.binder.finish(`SELECT count(${plan.selection}), count(*) ${plan.from}`);
}

/**
 * Events (or traces) of both sides. Then three lists with an entry for each field: the number of spans with the field; for
 * numeric fields, about how many values it has; and whether one of the query's own events has it, where traces are whole.
 */
export function presenceSql(plan: SidesPlan, fields: readonly Column[]): Statement {
  const list = (sqlOf: (field: Column) => string) => `[${fields.map(sqlOf).join(', ')}]`;
  const counts = [
    list(({ sql }) => `count(${sql})`),
    list((field) => (hasRanges(field) ? `approx_count_distinct(${field.sql})` : 'NULL')),
  ];
  if (plan.traces !== undefined) {
    const { picked, spans } = plan.traces;
    const own = list(({ sql }) => `bool_or(_own AND ${sql} IS NOT NULL)`);
    const sides = `SELECT ${countSql(plan, 'a')}, ${countSql(plan, 'b')} FROM picked`;
    const rows = `(SELECT *, ${plan.where} AS _own ${spans}) AS spans`;
    return plan.binder.finish(
      `WITH ${picked} SELECT * FROM (${sides}), (SELECT ${[...counts, own].join(', ')} FROM ${rows})`,
    );
  }
  const sides = [plan.selection, plan.baseline].map((side) => countSql(plan, side));
  return plan.binder.finish(`SELECT ${[...sides, ...counts].join(', ')} ${plan.from}`);
}

/** Counts the events or traces of a side. Each counts as many times as it stands for. */
function countSql(plan: SidesPlan, side: string): string {
  return plan.weight === undefined ? `count(${side})` : `coalesce(sum(${side}), 0)`;
}

/** The rows of some fields, read once for all of these fields. Their values are `v0`, `v1` … */
function rowsSql(plan: SidesPlan, fields: readonly Column[]): string {
  const values = fields.map(({ sql }, i) => `${sql} AS v${i}`).join(', ');
  // The rows of a single field are read only once anyway.
  const read = `read AS ${fields.length > 1 ? 'MATERIALIZED' : 'NOT MATERIALIZED'}`;
  return plan.traces === undefined
    ? `WITH ${read} (SELECT ${plan.selection} AS a, ${plan.baseline} AS b, ${values} ${plan.from})`
    : `WITH ${plan.traces.picked}, ${read} (SELECT _t, a, b, ${values} ${plan.traces.spans})`;
}

/**
 * For each field, the values whose shares differ most. For a field with ranges, up to twenty ranges of numbers with about as
 * many events each, `from < number <= to`. Columns: the field's index in the list, the rank in the field's order, the value in
 * the column of its type (VARCHAR, BIGINT, DOUBLE, BOOLEAN; a range is a BIGINT, NULL for events without a value), selected
 * events, others, rows with the value, both ends of a range (NULL for an open end).
 */
export function countsSql(plan: SidesPlan, fields: readonly ComparedColumn[], totals: SideCounts): Statement {
  const selects = fields.map(({ column, isRanged }, i) =>
    isRanged ? rangesSql(plan, column, i) : valuesSql(plan, column, i, totals),
  );
  const read = rowsSql(
    plan,
    fields.map(({ column }) => column),
  );
  return plan.binder.finish(`${read} ${selects.join(' UNION ALL ')}`);
}

function valuesSql(plan: SidesPlan, field: Column, i: number, totals: SideCounts): string {
  const [selection, baseline] = [totals.selection, totals.baseline].map((count) => {
    return plan.binder.bind(Math.max(1, count), 'DOUBLE');
  });
  const counts = valueCountsSql(plan, `v${i}`, totals);
  const order = `abs(a / ${selection} - b / ${baseline}) DESC, a + b DESC, v NULLS LAST`;
  const first = `SELECT v, a, b, n FROM (${counts}) ORDER BY ${order} LIMIT ${MAX_VALUES}`;
  return `SELECT ${i} AS field, row_number() OVER (ORDER BY ${order}) AS rank, ${typed('v', field)}, a, b, n, NULL::DOUBLE, NULL::DOUBLE FROM (${first})`;
}

function valueCountsSql(plan: SidesPlan, value: string, totals: SideCounts): string {
  const [a, b] = [countSql(plan, 'a'), countSql(plan, 'b')];
  const counts = `${a} AS a, ${b} AS b, count(*) AS n`;
  if (plan.traces === undefined) return `SELECT ${value} AS v, ${counts} FROM read GROUP BY v`;
  // A trace has the values of all its spans, and no value when none of its spans has one.
  const rows = `SELECT DISTINCT ${value} AS v, _t, a, b FROM read WHERE ${value} IS NOT NULL`;
  const { selection, baseline } = totals;
  const [all, others] = [selection, baseline].map((count) => plan.binder.bind(BigInt(count), 'BIGINT'));
  const none = `SELECT NULL, ${all} - ${a} AS a, ${others} - ${b} AS b, 0 AS n FROM (SELECT DISTINCT _t, a, b FROM rows)`;
  return `WITH rows AS (${rows}) SELECT v, ${counts} FROM rows GROUP BY v UNION ALL SELECT * FROM (${none}) WHERE a + b > 0`;
}

/** One number per event, or the greatest number of each trace. */
function numbersSql(plan: SidesPlan, field: Column, i: number): string {
  const number = numericSql({ ...field, sql: `v${i}` });
  if (plan.traces === undefined) return `SELECT ${number} AS v, a, b FROM read`;
  return `SELECT max(${number}) AS v, any_value(a) AS a, any_value(b) AS b FROM read GROUP BY _t`;
}

function rangesSql(plan: SidesPlan, field: Column, i: number): string {
  const numbers = numbersSql(plan, field, i);
  const edges = `SELECT list_sort(list_distinct(quantile_disc(v, [${EDGES.join(', ')}]))) AS edges FROM (${numbers}) WHERE isfinite(v)`;
  const ranges = `SELECT *, len(list_filter(edges, lambda edge: v > edge)) AS r FROM (${numbers}), (${edges})`;
  const counts = `SELECT CASE WHEN v IS NOT NULL THEN r END AS r, any_value(edges) AS edges, ${countSql(plan, 'a')} AS a, ${countSql(plan, 'b')} AS b FROM (${ranges}) GROUP BY 1`;
  return `SELECT ${i}, coalesce(r, ${EDGES.length + 1}), NULL, r, NULL, NULL, a, b, 0, edges[r], edges[r + 1] FROM (${counts})`;
}

/** A field to compare: by its values or, when it has many numbers, by ranges of them. */
export interface ComparedColumn {
  readonly column: Column;
  readonly isRanged: boolean;
}

/** A value in one of four columns, by its type. So one statement can answer fields of several types. */
function typed(value: string, { type }: Column): string {
  const types = { string: 'VARCHAR', integer: 'BIGINT', float: 'DOUBLE', boolean: 'BOOLEAN' };
  return Object.entries(types)
    .map(([each, sql]) => (each === type ? value : `CAST(NULL AS ${sql})`))
    .join(', ');
}

/** Whether the values of a column have ranges. */
export function hasRanges({ type }: Column): boolean {
  return type === 'integer' || type === 'float';
}
