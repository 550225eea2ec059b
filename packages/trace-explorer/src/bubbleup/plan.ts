import { Binder } from '../query/compile/binder.ts';
import type { Column } from '../query/compile/column.ts';
import { numericSql } from '../query/compile/column.ts';
import { Columns } from '../query/compile/columns.ts';
import { filtersSql, queryFiltersSql } from '../query/compile/filters.ts';
import type { TimeWindow } from '../query/compile/time-window.ts';
import { ALL_DATASETS } from '../query/run/run-query.ts';
import type { Field } from '../store/types.ts';
import { rowsWithin } from '../traces/read/row-blocks.ts';
import type { Sides } from './distribution.ts';
import type { BubbleUpRequest, Selection } from './parse-bubbleup.ts';
import type { TraceSample } from './trace-sample.ts';

/** What the statements of one comparison read: events, or whole traces. A sample makes another plan. */
export interface Plan {
  readonly binder: Binder;
  /** Calculated fields by name. */
  readonly calculated: ReadonlyMap<string, Column>;
  /** Conditions of the query, and of the selection. */
  readonly where: string;
  readonly condition: string;
  /** The rows that are read, as FROM and WHERE, and whether one is selected. */
  readonly from: string;
  readonly selected: string;
  /** How many events a row stands for; undefined where each is one. */
  readonly weight: string | undefined;
  /** The trace of a row; undefined where no row has one. */
  readonly trace: string | undefined;
  /** Whether a row is no log record: those say of their trace again, by other names, a request's duration, its route. */
  readonly isSpan: string;
  /** Where whole traces are compared: FROM and WHERE of the traces' spans, and the picked traces alone. `_s` is whether one is selected. */
  readonly traces?: { readonly spans: string; readonly picked: string };
  /** Where a sample is read: events or traces of both sides in all; of traces also how many of each side are looked at. */
  readonly sample?: { readonly whole: Sides; readonly looked?: Sides };
}

/** Plans a comparison of all events. @throws QueryError for columns that do not exist */
export function planComparison(
  fields: ReadonlyMap<string, Field>,
  { dataset, query, selection, compare }: BubbleUpRequest,
  window: TimeWindow,
  weight?: string,
): Plan {
  const binder = new Binder();
  const columns = new Columns(fields, query, binder);
  const calculated = columns.calculated();
  const conditions = [
    `_time >= ${nanoseconds(window.start, binder)} AND _time < ${nanoseconds(window.end, binder)}`,
    dataset === ALL_DATASETS ? undefined : `_dataset = ${binder.bind(dataset, 'VARCHAR')}`,
    queryFiltersSql(query.filters, query.filter_combination, columns, binder, 'query.filters'),
  ];
  const where = conditions.filter((each) => each !== undefined).join(' AND ');
  const condition = selectionSql(selection, columns, binder);
  const from = `FROM spans WHERE ${where}`;
  const selected = `(${condition}) IS TRUE`;
  const trace = fields.get('trace.trace_id')?.sql;
  const signal = fields.get('meta.signal_type')?.sql;
  const isSpan = signal === undefined ? 'true' : `${signal} IS DISTINCT FROM 'log'`;
  const plan = { binder, calculated, where, condition, from, selected, weight, trace, isSpan };
  if (compare === 'events' || trace === undefined) return plan;
  const picked = `(SELECT ${trace} AS _trace, row_number() OVER () AS _t, bool_or(${selected}) AS _s, max(${weight ?? '1'}) AS _w ${from} AND ${trace} IS NOT NULL GROUP BY ${trace})`;
  return {
    ...plan,
    traces: { picked, spans: `FROM spans JOIN ${picked} ON ${trace} = _trace WHERE ${isSpan}` },
  };
}

/**
 * A plan that reads a sample of the events, and gives counts that all of them would have. It consists of whole blocks of
 * rows that came one after another, which are read without the others; a selection that is read whole is found by its
 * condition, which skips blocks as well.
 * @param shares of the rows of both sides that are read, 0 … 1
 * @param whole events of both sides
 */
export function sampleEvents(plan: Plan, shares: Sides, whole: Sides): Plan {
  const { where, condition } = plan;
  const of = (share: number) =>
    share >= 1 ? 'spans' : `spans TABLESAMPLE SYSTEM (${(share * 100).toFixed(4)} PERCENT) REPEATABLE (1)`;
  const selected = `SELECT *, true AS _picked FROM ${of(shares.selection)} WHERE ${where} AND (${condition})`;
  const others = `SELECT *, false AS _picked FROM ${of(shares.baseline)} WHERE ${where} AND (${condition}) IS NOT TRUE`;
  return {
    ...plan,
    from: `FROM (${selected} UNION ALL ${others}) AS spans`,
    selected: '_picked',
    sample: { whole },
  };
}

/** A plan that reads these traces only, and gives counts that all of them would have. */
export function sampleTraces(plan: Plan, { traces, blocks, whole }: TraceSample): Plan {
  const list = (values: readonly unknown[]) => plan.binder.bind(`[${values.join(', ')}]`, 'VARCHAR');
  const columns = [
    `unnest(CAST(${list(traces.map(({ hash }) => hash))} AS UBIGINT[])) AS _hash`,
    `unnest(CAST(${list(traces.map((_, i) => i))} AS BIGINT[])) AS _t`,
    `unnest(CAST(${list(traces.map(({ isSelected }) => isSelected))} AS BOOLEAN[])) AS _s`,
    `unnest(CAST(${list(traces.map(({ weight }) => weight))} AS BIGINT[])) AS _w`,
  ];
  const picked = `(SELECT ${columns.join(', ')})`;
  const rows = rowsWithin(blocks);
  const looked = (side: boolean) =>
    traces.reduce((sum, { isSelected, weight }) => sum + (isSelected === side ? weight : 0), 0);
  return {
    ...plan,
    from: `FROM ${rows} WHERE ${plan.where}`,
    traces: {
      picked,
      spans: `FROM ${rows} JOIN ${picked} ON hash(${plan.trace}) = _hash WHERE ${plan.isSpan}`,
    },
    sample: { whole, looked: { selection: looked(true), baseline: looked(false) } },
  };
}

function selectionSql(selection: Selection, columns: Columns, binder: Binder): string {
  const { start_time: start, end_time: end, column, min, max, filters, filter_combination } = selection;
  const value = column === undefined ? undefined : numericSql(columns.resolve(column, 'selection.column'));
  const conditions = [
    start === undefined ? undefined : `_time >= ${nanoseconds(start, binder)}`,
    end === undefined ? undefined : `_time < ${nanoseconds(end, binder)}`,
    // DuckDB has NaN above all numbers; it is above none.
    min === undefined ? undefined : `nullif(${value}, 'NaN'::DOUBLE) >= ${binder.bind(min, 'DOUBLE')}`,
    max === undefined ? undefined : `${value} <= ${binder.bind(max, 'DOUBLE')}`,
    filtersSql(filters, filter_combination, columns, binder, 'selection.filters'),
  ];
  return conditions.filter((each) => each !== undefined).join(' AND ');
}

/** The last nanosecond of BIGINT, in seconds. */
const MAX_SECONDS = 9_223_372_036;

function nanoseconds(seconds: number, binder: Binder): string {
  const within = Math.min(MAX_SECONDS, Math.max(0, seconds));
  const whole = Math.floor(within);
  return binder.bind(BigInt(whole) * 1_000_000_000n + BigInt(Math.floor((within - whole) * 1e9)), 'BIGINT');
}
