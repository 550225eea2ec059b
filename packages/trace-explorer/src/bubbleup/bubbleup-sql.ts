import type { Statement } from '../query/compile/binder.ts';
import type { Column } from '../query/compile/column.ts';
import { numericSql } from '../query/compile/column.ts';
import type { Sides } from './distribution.ts';
import type { Plan } from './plan.ts';

/** Values shown per field, those with the largest differences first. */
const MAX_VALUES = 20;
/** Shares of the values below each edge between two ranges. */
const EDGES = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/** Finds an event of the query that stands for several events. Undefined when each row of the window is one event. */
export function sampledSql(plan: Plan): Statement | undefined {
  if (plan.weight === undefined) return undefined;
  return plan.binder.finish(`SELECT 1 FROM spans WHERE ${plan.where} AND ${plan.weight} > 1 LIMIT 1`);
}

/** How many rows are selected, and how many rows there are. */
export function sidesSql(plan: Plan): Statement {
  return plan.binder.finish(`SELECT count(*) FILTER (WHERE ${plan.selected}), count(*) ${plan.from}`);
}

/**
 * Events (or traces) of both sides. Then for each field the number of spans with the field and, for numeric fields, about how
 * many values it has. Last, for each field the number of the query's own events that have it.
 */
export function presenceSql(plan: Plan, fields: readonly Column[]): Statement {
  const counts = fields.flatMap((field) => {
    return [`count(${field.sql})`, isNumeric(field) ? `approx_count_distinct(${field.sql})` : 'NULL'];
  });
  if (plan.traces !== undefined) {
    const { picked, spans } = plan.traces;
    const own = fields.map((field, i) => `(count(${field.sql}) > 0) AS own${i}`).join(', ');
    const sides = `SELECT ${countSql(plan, '_s', '_w')} AS a, ${countSql(plan, 'true', '_w')} AS b`;
    return plan.binder.finish(
      `SELECT * FROM (${sides} FROM ${picked}), (SELECT ${counts.join(', ')} ${spans}), (SELECT ${own} ${plan.from})`,
    );
  }
  const sides = [plan.selected, 'true'].map((where) => countSql(plan, where, plan.weight));
  return plan.binder.finish(`SELECT ${[...sides, ...counts].join(', ')} ${plan.from}`);
}

/** Counts events or traces. Each counts as many times as it stands for. */
function countSql(plan: Plan, where: string, weight = '1'): string {
  return plan.weight === undefined
    ? `count(*) FILTER (WHERE ${where})`
    : `coalesce(sum(${weight}) FILTER (WHERE ${where}), 0)`;
}

/** The rows of some fields, read once for all of these fields. Their values are `v0`, `v1` … */
function rowsSql(plan: Plan, fields: readonly Column[]): string {
  const values = fields.map(({ sql }, i) => `${sql} AS v${i}`).join(', ');
  const select =
    plan.traces === undefined
      ? `SELECT ${plan.selected} AS s, ${plan.weight ?? '1'} AS w, ${values} ${plan.from}`
      : `SELECT _t, _s, _w, ${values} ${plan.traces.spans}`;
  // The rows of a single field are read only once anyway.
  return `WITH read AS ${fields.length > 1 ? 'MATERIALIZED' : 'NOT MATERIALIZED'} (${select})`;
}

/** For each numeric field a list of values that divide its events into twenty parts; NULL for other fields. */
export function edgesSql(plan: Plan, fields: readonly Column[]): Statement {
  const lists = fields.map(
    (field, i) =>
      `(SELECT quantile_disc(v, [${EDGES.join(', ')}]) FROM (${numbersSql(plan, field, i)}) WHERE isfinite(v))`,
  );
  return plan.binder.finish(`${rowsSql(plan, fields)} SELECT ${lists.join(', ')}`);
}

/**
 * For each field, the values whose shares differ most. For a field with edges, the ranges between the edges. Columns: the
 * field's index in the list, the rank in the field's order, the value in the column of its type (VARCHAR, BIGINT, DOUBLE,
 * BOOLEAN; a range is a BIGINT, NULL for events without a value), selected events, others, rows with the value.
 */
export function countsSql(plan: Plan, fields: readonly ComparedColumn[], totals: Sides): Statement {
  const selects = fields.map(({ column, edges }, i) =>
    edges === undefined ? valuesSql(plan, column, i, totals) : rangesSql(plan, column, i, edges),
  );
  const read = rowsSql(
    plan,
    fields.map(({ column }) => column),
  );
  return plan.binder.finish(`${read} ${selects.join(' UNION ALL ')}`);
}

function valuesSql(plan: Plan, field: Column, i: number, totals: Sides): string {
  const [selection, baseline] = [totals.selection, totals.baseline].map((count) => {
    return plan.binder.bind(Math.max(1, count), 'DOUBLE');
  });
  const counts = valueCountsSql(plan, `v${i}`, totals);
  const order = `abs(a / ${selection} - b / ${baseline}) DESC, a + b DESC, v NULLS LAST`;
  const first = `SELECT v, a, b, n FROM (${counts}) ORDER BY ${order} LIMIT ${MAX_VALUES}`;
  return `SELECT ${i} AS field, row_number() OVER (ORDER BY ${order}) AS rank, ${typed('v', field)}, a, b, n FROM (${first})`;
}

function valueCountsSql(plan: Plan, value: string, totals: Sides): string {
  if (plan.traces === undefined) {
    return `SELECT ${value} AS v, ${countSql(plan, 's', 'w')} AS a, ${countSql(plan, 'NOT s', 'w')} AS b, count(*) AS n FROM read GROUP BY v`;
  }
  // A trace has the values of all its spans, and no value when none of its spans has one.
  const rows = `SELECT DISTINCT ${value} AS v, _t, _s, _w FROM read WHERE ${value} IS NOT NULL`;
  const sides = [countSql(plan, '_s', '_w'), countSql(plan, 'NOT _s', '_w')];
  const counted = `SELECT v, ${sides[0]} AS a, ${sides[1]} AS b, count(*) AS n`;
  const { selection, baseline } = totals;
  const [all, others] = [selection, baseline].map((count) => plan.binder.bind(BigInt(count), 'BIGINT'));
  const none = `SELECT NULL, ${all} - ${sides[0]} AS a, ${others} - ${sides[1]} AS b, 0 AS n FROM (SELECT DISTINCT _t, _s, _w FROM rows)`;
  return `WITH rows AS (${rows}) ${counted} FROM rows GROUP BY v UNION ALL SELECT * FROM (${none}) WHERE a + b > 0`;
}

/** One number per event, or the greatest number of each trace. */
function numbersSql(plan: Plan, field: Column, i: number): string {
  const number = numericSql({ ...field, sql: `v${i}` });
  if (plan.traces === undefined) return `SELECT ${number} AS v, s, w FROM read`;
  return `SELECT max(${number}) AS v, any_value(_s) AS s, any_value(_w) AS w FROM read GROUP BY _t`;
}

function rangesSql(plan: Plan, field: Column, i: number, edges: readonly number[]): string {
  const above = edges.map((edge) => `(v > ${plan.binder.bind(edge, 'DOUBLE')})::INTEGER`).join(' + ');
  const counts = `SELECT ${above || '0'} AS r, ${countSql(plan, 's', 'w')} AS a, ${countSql(plan, 'NOT s', 'w')} AS b FROM (${numbersSql(plan, field, i)}) GROUP BY r`;
  return `SELECT ${i}, coalesce(r, ${edges.length + 1}), NULL, CAST(r AS BIGINT), NULL, NULL, a, b, 0 FROM (${counts})`;
}

/** A field to compare: by the ranges between its edges, or without edges by its values. */
export interface ComparedColumn {
  readonly column: Column;
  readonly edges?: readonly number[] | undefined;
}

/** A value in one of four columns, by its type. So one statement can answer fields of several types. */
function typed(value: string, { type }: Column): string {
  const types = { string: 'VARCHAR', integer: 'BIGINT', float: 'DOUBLE', boolean: 'BOOLEAN' };
  return Object.entries(types)
    .map(([each, sql]) => (each === type ? value : `CAST(NULL AS ${sql})`))
    .join(', ');
}

/** Whether the values of a column have ranges. */
export function isNumeric({ type }: Column): boolean {
  return type === 'integer' || type === 'float';
}
