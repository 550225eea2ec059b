import { Binder } from '../../../../core/query/compile/binder.ts';
import type { Column } from '../../../../core/query/compile/column.ts';
import { numericSql } from '../../../../core/query/compile/column.ts';
import { Columns } from '../../../../core/query/compile/columns.ts';
import { filtersSql, rowFiltersSql } from '../../../../core/query/compile/filters.ts';
import type { TimeWindow } from '../../../../core/query/compile/time-window.ts';
import type { RunOptions } from '../../../../core/query/run/run-query.ts';
import type { Field } from '../../../../core/store/store.ts';
import { oneTraceSql } from '../../../../core/traces/read/trace-sample.ts';
import { nanosecondsOf } from '../../../../lib/time/time-range.ts';
import type { SideCounts } from './distribution.ts';
import type { BubbleUpRequest, Selection } from './parse-bubbleup.ts';

/** The rows that the statements of one comparison read: events, or whole traces. A sample has another plan. */
export interface SidesPlan {
  readonly binder: Binder;
  readonly calculated: ReadonlyMap<string, Column>;
  /** The query's condition on a row. */
  readonly where: string;
  /** The selection's condition on a row. */
  readonly condition: string;
  /** The table of all rows, for FROM. */
  readonly table: string;
  /** The rows to read, as FROM and WHERE. */
  readonly from: string;
  /** How many events a row counts on each side; NULL on the other side. */
  readonly selection: string;
  readonly baseline: string;
  /** How many events a row stands for; undefined when each row is one event. */
  readonly weight: string | undefined;
  /** The trace of a row; undefined when no row has a trace. */
  readonly trace: string | undefined;
  /** Whether a row is not a log record, which repeats fields of its trace, such as a duration, under other names. */
  readonly isSpan: string;
  /** Whole traces: SQL of the picked traces, as table `picked`, and all spans of these, as FROM and WHERE. */
  readonly traces?: { readonly picked: string; readonly spans: string };
  /** Each side reads one trace in this many. */
  readonly oneIn: SideCounts;
}

/** Plans a comparison of all events. @throws QueryError for columns that do not exist */
export function planComparison(
  fields: ReadonlyMap<string, Field>,
  { dataset, query, selection, compare }: BubbleUpRequest,
  window: TimeWindow,
  { weight, table, saved }: Pick<SidesPlan, 'weight' | 'table'> & Pick<RunOptions, 'saved'>,
): SidesPlan {
  const binder = new Binder();
  const columns = new Columns(fields, query.calculated_fields, binder, saved);
  const calculated = columns.calculated();
  const time = `_time >= ${nanoseconds(window.start, binder)} AND _time < ${nanoseconds(window.end, binder)}`;
  const where = `${time} AND ${rowFiltersSql(dataset, query, columns, binder, 'query.filters')}`;
  const condition = selectionSql(selection, columns, binder);
  const trace = fields.get('trace.trace_id')?.sql;
  const signal = fields.get('meta.signal_type')?.sql;
  const isSpan = signal === undefined ? 'true' : `${signal} IS DISTINCT FROM 'log'`;
  const oneIn = { selection: 1, baseline: 1 };
  const plan = { binder, calculated, where, condition, weight, table, trace, isSpan, oneIn };
  return reading(plan, compare === 'traces' && trace !== undefined);
}

/**
 * A plan that reads a sample of the traces, each with all its spans. An event without a trace counts as a trace.
 * @param oneIn one trace in how many; the baseline's number is a multiple of the selection's
 */
export function sampled(plan: SidesPlan, oneIn: SideCounts): SidesPlan {
  const key = plan.trace === undefined ? '_seq' : `coalesce(${plan.trace}, CAST(_seq AS VARCHAR))`;
  const [selection, baseline] = [oneTraceSql(key, oneIn.selection), oneTraceSql(key, oneIn.baseline)];
  const where = `${plan.where} AND (${baseline} OR ((${plan.condition}) AND ${selection}))`;
  return reading({ ...plan, where, oneIn }, plan.traces !== undefined);
}

/** Adds the rows to read for the events that match the query. */
function reading(
  plan: Omit<SidesPlan, 'from' | 'selection' | 'baseline' | 'traces'>,
  areTraces: boolean,
): SidesPlan {
  const { where, condition, weight = '1', table, trace, isSpan } = plan;
  const from = `FROM ${table} WHERE ${where}`;
  const sidesOf = (selected: string, count: string) => ({
    selection: `CASE WHEN ${selected} THEN ${count} END`,
    baseline: `CASE WHEN NOT ${selected} THEN ${count} END`,
  });
  const selected = `(${condition}) IS TRUE`;
  const sides = sidesOf(selected, weight);
  if (!areTraces) return { ...plan, ...sides, from };
  const { selection, baseline } = sidesOf(`bool_or(${selected})`, `max(${weight})`);
  const picked = `picked AS MATERIALIZED (SELECT ${trace} AS _trace, row_number() OVER () AS _t, ${selection} AS a, ${baseline} AS b ${from} AND ${trace} IS NOT NULL GROUP BY ${trace})`;
  const spans = `FROM ${table} JOIN picked ON ${trace} = _trace WHERE ${isSpan}`;
  return { ...plan, ...sides, from, traces: { picked, spans } };
}

function selectionSql(selection: Selection, columns: Columns, binder: Binder): string {
  const { start_time: start, end_time: end, column, min, max, filters, filter_combination } = selection;
  const value = column === undefined ? undefined : numericSql(columns.resolve(column, 'selection.column'));
  const conditions = [
    start === undefined ? undefined : `_time >= ${nanoseconds(start, binder)}`,
    end === undefined ? undefined : `_time < ${nanoseconds(end, binder)}`,
    // In DuckDB NaN is above all numbers; here NaN is above no number.
    min === undefined ? undefined : `nullif(${value}, 'NaN'::DOUBLE) >= ${binder.bind(min, 'DOUBLE')}`,
    max === undefined ? undefined : `${value} <= ${binder.bind(max, 'DOUBLE')}`,
    filtersSql(filters, filter_combination, columns, binder, 'selection.filters'),
  ];
  return conditions.filter((each) => each !== undefined).join(' AND ');
}

function nanoseconds(seconds: number, binder: Binder): string {
  return binder.bind(nanosecondsOf(seconds), 'BIGINT');
}
