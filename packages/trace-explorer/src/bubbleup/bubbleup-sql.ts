import type { Statement } from '../query/compile/binder.ts';
import { Binder } from '../query/compile/binder.ts';
import { fromCompact, toCompact } from '../query/compile/calculations.ts';
import type { Column } from '../query/compile/column.ts';
import { numericSql } from '../query/compile/column.ts';
import { Columns } from '../query/compile/columns.ts';
import { filtersSql } from '../query/compile/filters.ts';
import type { TimeWindow } from '../query/compile/time-window.ts';
import { ALL_DATASETS } from '../query/run/run-query.ts';
import type { Field } from '../store/types.ts';
import type { BubbleUpRequest, Selection } from './parse-bubbleup.ts';

/** Values shown per field, those that differ most first. */
const MAX_VALUES = 20;
/** Share of the values below each edge between two ranges. */
const EDGES = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/** The statements of one comparison; `s` is whether a row is selected. */
export class BubbleUpSql {
  readonly #binder = new Binder();
  readonly #from: string;
  readonly #selected: string;

  /** @throws QueryError for columns that do not exist */
  constructor(fields: ReadonlyMap<string, Field>, request: BubbleUpRequest, window: TimeWindow) {
    const { dataset, query, selection } = request;
    const binder = this.#binder;
    const columns = new Columns(fields, query.calculated_fields, binder);
    const conditions = [
      `_time >= ${nanoseconds(window.start, binder)} AND _time < ${nanoseconds(window.end, binder)}`,
      dataset === ALL_DATASETS ? undefined : `_dataset = ${binder.bind(dataset, 'VARCHAR')}`,
      filtersSql(query.filters, query.filter_combination, columns, binder, 'query.filters'),
    ];
    this.#from = `FROM spans WHERE ${conditions.filter((each) => each !== undefined).join(' AND ')}`;
    this.#selected = `(${selectionSql(selection, columns, binder)}) IS TRUE`;
  }

  /** Events of both sides, then for each field how many have it and, of numeric ones, about how many values. */
  presence(fields: readonly Column[]): Statement {
    const counts = fields.flatMap((field) => {
      return [`count(${field.sql})`, isNumeric(field) ? `approx_count_distinct(${field.sql})` : 'NULL'];
    });
    const sides = [`count(*) FILTER (WHERE ${this.#selected})`, 'count(*)'];
    return this.#binder.finish(`SELECT ${[...sides, ...counts].join(', ')} ${this.#from}`);
  }

  /** The values of a field whose shares differ most: value, selected events, others. */
  values(field: Column, totals: { readonly selection: number; readonly baseline: number }): Statement {
    const [selection, baseline] = [totals.selection, totals.baseline].map((count) => {
      return this.#binder.bind(Math.max(1, count), 'DOUBLE');
    });
    const rows = `SELECT ${field.sql} AS v, ${this.#selected} AS s ${this.#from}`;
    const counts = `SELECT v, count(*) FILTER (WHERE s) AS a, count(*) FILTER (WHERE NOT s) AS b FROM (${rows}) GROUP BY v`;
    const order = `abs(a / ${selection} - b / ${baseline}) DESC, a + b DESC, v NULLS LAST`;
    return this.#binder.finish(`SELECT v, a, b FROM (${counts}) ORDER BY ${order} LIMIT ${MAX_VALUES}`);
  }

  /**
   * Values of a numeric field that divide its events into twenty parts.
   * @param compact in seven digits and half the memory
   */
  edges(field: Column, compact: boolean): Statement {
    const number = numericSql(field);
    const edges = `unnest(quantile_disc(${compact ? toCompact(number) : number}, [${EDGES.join(', ')}]))`;
    return this.#binder.finish(
      `SELECT ${compact ? fromCompact('edge') : 'edge'} FROM (SELECT ${edges} AS edge ${this.#from} AND isfinite(${number}))`,
    );
  }

  /** Events by range between edges (NULL: without a value): range, selected events, others. */
  ranges(field: Column, edges: readonly number[]): Statement {
    const above = edges.map((edge) => `(v > ${this.#binder.bind(edge, 'DOUBLE')})::INTEGER`).join(' + ');
    const rows = `SELECT ${numericSql(field)} AS v, ${this.#selected} AS s ${this.#from}`;
    return this.#binder.finish(
      `SELECT ${above || '0'} AS r, count(*) FILTER (WHERE s), count(*) FILTER (WHERE NOT s) FROM (${rows}) GROUP BY r ORDER BY r`,
    );
  }
}

/** Whether the values of a column have ranges. */
export function isNumeric({ type }: Column): boolean {
  return type === 'integer' || type === 'float';
}

function selectionSql(selection: Selection, columns: Columns, binder: Binder): string {
  const { start_time: start, end_time: end, column, min, max, filters, filter_combination } = selection;
  const value = column === undefined ? undefined : numericSql(columns.resolve(column, 'selection.column'));
  const conditions = [
    start === undefined ? undefined : `_time >= ${nanoseconds(start, binder)}`,
    end === undefined ? undefined : `_time < ${nanoseconds(end, binder)}`,
    min === undefined ? undefined : `${value} >= ${binder.bind(min, 'DOUBLE')}`,
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
