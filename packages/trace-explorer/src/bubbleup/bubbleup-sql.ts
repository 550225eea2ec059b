import type { Statement } from '../query/compile/binder.ts';
import { Binder } from '../query/compile/binder.ts';
import { toCompact } from '../query/compile/calculations.ts';
import type { Column } from '../query/compile/column.ts';
import { numericSql } from '../query/compile/column.ts';
import { Columns } from '../query/compile/columns.ts';
import { filtersSql, queryFiltersSql } from '../query/compile/filters.ts';
import type { TimeWindow } from '../query/compile/time-window.ts';
import { ALL_DATASETS } from '../query/run/run-query.ts';
import type { Field } from '../store/types.ts';
import type { Block } from '../traces/read/row-blocks.ts';
import { rowsWithin } from '../traces/read/row-blocks.ts';
import type { Sides } from './distribution.ts';
import type { BubbleUpRequest, Selection } from './parse-bubbleup.ts';
import type { TraceSample } from './trace-sample.ts';

/** Values shown per field, those that differ most first. */
const MAX_VALUES = 20;
/** Rows that DuckDB reads together, and that SYSTEM samples take or leave together. */
export const BLOCK_ROWS = 2_048;
/** Share of the values below each edge between two ranges. */
const EDGES = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/** What the statements of one comparison read: events, or whole traces. `s` is whether one is selected. */
export class BubbleUpSql {
  readonly #binder = new Binder();
  #from: string;
  #selected: string;
  /** What is read, and the conditions for it, where a sample is taken instead. */
  readonly #where: string;
  readonly #condition: string;
  /** Events of both sides, where a sample of them is read. */
  #whole: Sides | undefined;
  /** How many events a row stands for; undefined where each is one. */
  readonly #weight: string | undefined;
  /** Where whole traces are compared: FROM and WHERE of the traces' spans, and the picked traces alone. */
  #traces: { readonly spans: string; readonly picked: string } | undefined;
  /** The trace of a row; undefined where no row has one. */
  readonly #trace: string | undefined;
  /** Whether a row is no log record: those say of their trace again, by other names, a request's duration, its route. */
  readonly #isSpan: string;
  /** Calculated fields by name. */
  readonly calculated: ReadonlyMap<string, Column>;
  /** Of traces, where a sample of them is read: how many those of each side are, and in all. */
  #sampled: { readonly looked: Sides; readonly whole: Sides } | undefined;

  /** @throws QueryError for columns that do not exist */
  constructor(
    fields: ReadonlyMap<string, Field>,
    request: BubbleUpRequest,
    window: TimeWindow,
    weight?: string,
  ) {
    this.#weight = weight;
    const { dataset, query, selection } = request;
    const binder = this.#binder;
    const columns = new Columns(fields, query, binder);
    this.calculated = columns.calculated();
    const conditions = [
      `_time >= ${nanoseconds(window.start, binder)} AND _time < ${nanoseconds(window.end, binder)}`,
      dataset === ALL_DATASETS ? undefined : `_dataset = ${binder.bind(dataset, 'VARCHAR')}`,
      queryFiltersSql(query.filters, query.filter_combination, columns, binder, 'query.filters'),
    ];
    this.#where = conditions.filter((each) => each !== undefined).join(' AND ');
    this.#condition = selectionSql(selection, columns, binder);
    this.#from = `FROM spans WHERE ${this.#where}`;
    this.#selected = `(${this.#condition}) IS TRUE`;
    const trace = fields.get('trace.trace_id')?.sql;
    const signal = fields.get('meta.signal_type')?.sql;
    this.#trace = trace;
    this.#isSpan = signal === undefined ? 'true' : `${signal} IS DISTINCT FROM 'log'`;
    if (request.compare === 'traces' && trace !== undefined) {
      const picked = `(SELECT ${trace} AS _trace, row_number() OVER () AS _t, bool_or(${this.#selected}) AS _s, max(${weight ?? '1'}) AS _w ${this.#from} AND ${trace} IS NOT NULL GROUP BY ${trace})`;
      this.#traces = {
        picked,
        spans: `FROM spans JOIN ${picked} ON ${trace} = _trace WHERE ${this.#isSpan}`,
      };
    }
  }

  /** Finds an event of the query that stands for several; undefined where each row of the window is one event. */
  sampled(): Statement | undefined {
    if (this.#weight === undefined) return undefined;
    return this.#binder.finish(`SELECT 1 FROM spans WHERE ${this.#where} AND ${this.#weight} > 1 LIMIT 1`);
  }

  /** Of the selection, then of all: events, as often as they stand for, how many rows they are, and in about how many blocks of the table. */
  sides(): Statement {
    const counts = [this.#selected, 'true'].flatMap((where) => [
      this.#count(where, this.#weight),
      `count(*) FILTER (WHERE ${where})`,
      `approx_count_distinct(rowid // ${BLOCK_ROWS}) FILTER (WHERE ${where})`,
    ]);
    return this.#binder.finish(`SELECT ${counts.join(', ')} ${this.#from}`);
  }

  /**
   * From now on reads a sample of the events, and gives counts that all of them would have. It consists of whole blocks of
   * rows that came one after another, which are read without the others; a selection that is read whole is found by its
   * condition, which skips blocks as well.
   * @param shares of the rows of both sides that are read, 0 … 1
   * @param whole events of both sides
   */
  sample({ selection, baseline }: Sides, whole: Sides): void {
    this.#whole = whole;
    const of = (share: number) =>
      share >= 1 ? 'spans' : `spans TABLESAMPLE SYSTEM (${(share * 100).toFixed(4)} PERCENT) REPEATABLE (1)`;
    const selected = `SELECT *, true AS _picked FROM ${of(selection)} WHERE ${this.#where} AND (${this.#condition})`;
    const others = `SELECT *, false AS _picked FROM ${of(baseline)} WHERE ${this.#where} AND (${this.#condition}) IS NOT TRUE`;
    this.#from = `FROM (${selected} UNION ALL ${others}) AS spans`;
    this.#selected = '_picked';
  }

  /** Where events of both sides are: selected ones and all of them as often as they stand for, then places of each side. */
  places(count: Sides): Statement {
    const shares = (n: number) => Array.from({ length: n }, (_, i) => ((i + 0.5) / n).toFixed(4)).join(', ');
    const columns = [
      this.#count(this.#selected, this.#weight),
      this.#count('true', this.#weight),
      `quantile_disc(_seq, [${shares(count.selection)}]) FILTER (WHERE ${this.#selected})`,
      `quantile_disc(_seq, [${shares(count.baseline)}]) FILTER (WHERE NOT (${this.#selected}))`,
    ];
    return this.#binder.finish(
      `SELECT ${columns.join(', ')} ${this.#from} AND ${this.#trace ?? 'NULL'} IS NOT NULL`,
    );
  }

  /**
   * Traces with an event in the blocks of its side, at most `limit` of each side, for FoundTrace: hash, first and last row,
   * weight, events that fit, and those of them that are selected.
   */
  found(
    blocks: { readonly selection: readonly Block[]; readonly baseline: readonly Block[] },
    limit: number,
  ): Statement {
    const trace = this.#trace ?? 'NULL';
    const candidates = (side: readonly Block[], where: string) =>
      `(SELECT t FROM (SELECT DISTINCT ${trace} AS t FROM ${rowsWithin(side)} WHERE ${this.#where} AND ${where} AND ${trace} IS NOT NULL) ORDER BY hash(t) LIMIT ${limit})`;
    const sides = [
      candidates(blocks.selection, this.#selected),
      candidates(blocks.baseline, `NOT (${this.#selected})`),
    ];
    const columns = [
      `hash(${trace})`,
      'min(_seq)',
      'max(_seq)',
      `coalesce(max(${this.#weight ?? '1'}) FILTER (WHERE ${this.#where}), 1)`,
      `count(*) FILTER (WHERE ${this.#where})`,
      `count(*) FILTER (WHERE ${this.#where} AND ${this.#selected})`,
    ];
    return this.#binder.finish(
      `SELECT ${columns.join(', ')} FROM spans WHERE ${trace} IN (${sides.join(' UNION ')}) GROUP BY ${trace}`,
    );
  }

  /** From now on reads these traces only, and gives counts that all of them would have. */
  sampleTraces({ traces, blocks, whole }: TraceSample): void {
    const list = (values: readonly unknown[]) => this.#binder.bind(`[${values.join(', ')}]`, 'VARCHAR');
    const columns = [
      `unnest(CAST(${list(traces.map(({ hash }) => hash))} AS UBIGINT[])) AS _hash`,
      `unnest(CAST(${list(traces.map((_, i) => i))} AS BIGINT[])) AS _t`,
      `unnest(CAST(${list(traces.map(({ isSelected }) => isSelected))} AS BOOLEAN[])) AS _s`,
      `unnest(CAST(${list(traces.map(({ weight }) => weight))} AS BIGINT[])) AS _w`,
    ];
    const picked = `(SELECT ${columns.join(', ')})`;
    const rows = rowsWithin(blocks);
    this.#traces = {
      picked,
      spans: `FROM ${rows} JOIN ${picked} ON hash(${this.#trace}) = _hash WHERE ${this.#isSpan}`,
    };
    this.#from = `FROM ${rows} WHERE ${this.#where}`;
    const looked = (side: boolean) =>
      traces.reduce((sum, { isSelected, weight }) => sum + (isSelected === side ? weight : 0), 0);
    this.#sampled = { looked: { selection: looked(true), baseline: looked(false) }, whole };
  }

  /**
   * Events (or traces) of both sides, then for each field how many spans have it and, of numeric ones, about how many
   * values; at last for each field how many of the query's own events have it.
   */
  presence(fields: readonly Column[]): Statement {
    const counts = fields.flatMap((field) => {
      return [`count(${field.sql})`, isNumeric(field) ? `approx_count_distinct(${field.sql})` : 'NULL'];
    });
    if (this.#traces !== undefined) {
      const { picked, spans } = this.#traces;
      const own = fields.map((field, i) => `(count(${field.sql}) > 0) AS own${i}`).join(', ');
      const sides = `SELECT ${this.#count('_s', '_w')} AS a, ${this.#count('true', '_w')} AS b`;
      return this.#binder.finish(
        `SELECT * FROM (${sides} FROM ${picked}), (SELECT ${counts.join(', ')} ${spans}), (SELECT ${own} ${this.#from})`,
      );
    }
    const sides = [this.#selected, 'true'].map((where) => this.#count(where, this.#weight));
    return this.#binder.finish(`SELECT ${[...sides, ...counts].join(', ')} ${this.#from}`);
  }

  /** Events or traces, each as often as it stands for. */
  #count(where: string, weight = '1'): string {
    return this.#weight === undefined
      ? `count(*) FILTER (WHERE ${where})`
      : `coalesce(sum(${weight}) FILTER (WHERE ${where}), 0)`;
  }

  /**
   * A count as all events would have it. Scaled by the statement's own sum: what is sampled is not quite the same in each,
   * as rows come in between.
   */
  #scaled(side: keyof Sides, count: string): string {
    if (this.#sampled !== undefined) {
      // A trace has several values: their counts together are not those of the traces.
      const { looked, whole } = this.#sampled;
      const each = this.#binder.bind(whole[side] / Math.max(1, looked[side]), 'DOUBLE');
      return `CAST(round(${count} * ${each}) AS BIGINT) AS ${count}`;
    }
    if (this.#whole === undefined) return count;
    const whole = this.#binder.bind(this.#whole[side], 'DOUBLE');
    return `CAST(round(${count} * ${whole} / greatest(1, sum(${count}) OVER ())) AS BIGINT) AS ${count}`;
  }

  /** The rows of some fields, read once for all of them: their values are `v0`, `v1` … */
  #rows(fields: readonly Column[]): string {
    const values = fields.map(({ sql }, i) => `${sql} AS v${i}`).join(', ');
    const select =
      this.#traces === undefined
        ? `SELECT ${this.#selected} AS s, ${this.#weight ?? '1'} AS w, ${values} ${this.#from}`
        : `SELECT _t, _s, _w, ${values} ${this.#traces.spans}`;
    // What is read for one field alone need not be kept.
    return `WITH read AS ${fields.length > 1 ? 'MATERIALIZED' : 'NOT MATERIALIZED'} (${select})`;
  }

  /**
   * For each numeric field a list of values that divide its events into twenty parts, NULL where it has none.
   * @param compact in seven digits and half the memory
   */
  edges(fields: readonly Column[], compact: boolean): Statement {
    const lists = fields.map((field, i) => {
      const edges = `quantile_disc(${compact ? toCompact('v') : 'v'}, [${EDGES.join(', ')}])`;
      const list = `(SELECT ${edges} FROM (${this.#numbers(field, i)}) WHERE isfinite(v))`;
      return compact ? `CAST(CAST(${list} AS VARCHAR[]) AS DOUBLE[])` : list;
    });
    return this.#binder.finish(`${this.#rows(fields)} SELECT ${lists.join(', ')}`);
  }

  /**
   * Of each field, by its place in the list, the values whose shares differ most or, where it has edges, the ranges between
   * them. Columns: field, place in its order, the value in the column of its type (VARCHAR, BIGINT, DOUBLE, BOOLEAN; a range is
   * a BIGINT, NULL for events without a value), selected events, others, rows that have it.
   */
  counts(fields: readonly ComparedColumn[], totals: Sides): Statement {
    const selects = fields.map(({ column, edges }, i) =>
      edges === undefined ? this.#values(column, i, totals) : this.#ranges(column, i, edges),
    );
    const read = this.#rows(fields.map(({ column }) => column));
    return this.#binder.finish(`${read} ${selects.join(' UNION ALL ')}`);
  }

  #values(field: Column, i: number, totals: Sides): string {
    const [selection, baseline] = [totals.selection, totals.baseline].map((count) => {
      return this.#binder.bind(Math.max(1, count), 'DOUBLE');
    });
    const counts = this.#valueCounts(`v${i}`, totals);
    const order = `abs(a / ${selection} - b / ${baseline}) DESC, a + b DESC, v NULLS LAST`;
    const scaled = `SELECT v, ${this.#scaled('selection', 'a')}, ${this.#scaled('baseline', 'b')}, n FROM (${counts})`;
    const first = `SELECT * FROM (${scaled}) ORDER BY ${order} LIMIT ${MAX_VALUES}`;
    return `SELECT ${i} AS field, row_number() OVER (ORDER BY ${order}) AS place, ${typed('v', field)}, a, b, n FROM (${first})`;
  }

  #valueCounts(value: string, totals: Sides): string {
    if (this.#traces === undefined) {
      return `SELECT ${value} AS v, ${this.#count('s', 'w')} AS a, ${this.#count('NOT s', 'w')} AS b, count(*) AS n FROM read GROUP BY v`;
    }
    // A trace has each of its spans' values, and no value when none of its spans has one.
    const rows = `SELECT DISTINCT ${value} AS v, _t, _s, _w FROM read WHERE ${value} IS NOT NULL`;
    const sides = [this.#count('_s', '_w'), this.#count('NOT _s', '_w')];
    const counted = `SELECT v, ${sides[0]} AS a, ${sides[1]} AS b, count(*) AS n`;
    const { selection, baseline } = this.#sampled?.looked ?? totals;
    const [all, others] = [selection, baseline].map((count) => this.#binder.bind(BigInt(count), 'BIGINT'));
    const none = `SELECT NULL, ${all} - ${sides[0]} AS a, ${others} - ${sides[1]} AS b, 0 AS n FROM (SELECT DISTINCT _t, _s, _w FROM rows)`;
    return `WITH rows AS (${rows}) ${counted} FROM rows GROUP BY v UNION ALL SELECT * FROM (${none}) WHERE a + b > 0`;
  }

  /** A number per event, or the greatest of each trace. */
  #numbers(field: Column, i: number): string {
    const number = numericSql({ ...field, sql: `v${i}` });
    if (this.#traces === undefined) return `SELECT ${number} AS v, s, w FROM read`;
    return `SELECT max(${number}) AS v, any_value(_s) AS s, any_value(_w) AS w FROM read GROUP BY _t`;
  }

  #ranges(field: Column, i: number, edges: readonly number[]): string {
    const above = edges.map((edge) => `(v > ${this.#binder.bind(edge, 'DOUBLE')})::INTEGER`).join(' + ');
    const counts = `SELECT ${above || '0'} AS r, ${this.#count('s', 'w')} AS a, ${this.#count('NOT s', 'w')} AS b FROM (${this.#numbers(field, i)}) GROUP BY r`;
    const scaled = `SELECT r, ${this.#scaled('selection', 'a')}, ${this.#scaled('baseline', 'b')} FROM (${counts})`;
    return `SELECT ${i}, coalesce(r, ${edges.length + 1}), NULL, CAST(r AS BIGINT), NULL, NULL, a, b, 0 FROM (${scaled})`;
  }
}

/** A field to compare: by its values or, where it has edges, by the ranges between them. */
export interface ComparedColumn {
  readonly column: Column;
  readonly edges?: readonly number[] | undefined;
}

/** A value in the one of four columns that has its type: fields of several types are answered together. */
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
