import type { Field } from '../store/types.ts';
import type { Statement } from './binder.ts';
import { Binder } from './binder.ts';
import { aggregateSql, isRate, operandSql } from './calculations.ts';
import type { Column } from './column.ts';
import { Columns } from './columns.ts';
import { filtersSql } from './filters.ts';
import type { HeatmapAxis } from './heatmap.ts';
import { havingTarget, orderTarget } from './parse-query.ts';
import { invalid } from './query-error.ts';
import type { Calculation, QuerySpec } from './query-spec.ts';
import type { TimeWindow } from './time-window.ts';

/** What a row of the statement is; rows of the comparison window have COMPARED added. */
export const PART = { total: 0, series: 1, heatmap: 2, opened: 3, closed: 4 } as const;
export const COMPARED = 10;

/** Most points of all series together: about 40 MB of JSON. */
export const MAX_POINTS = 200_000;

export interface CompileOptions {
  readonly fields: ReadonlyMap<string, Field>;
  /** Name of the dataset to stay within; undefined for all. */
  readonly dataset: string | undefined;
  /** The window asked about and, for a comparison, the one to compare with. */
  readonly windows: readonly TimeWindow[];
  readonly series: boolean;
}

/**
 * A query as one SQL statement, so that totals and series come from the same snapshot: totals a group,
 * ordered and limited, then for those groups the series, heatmap cells and concurrency changes, told apart
 * by their first column. Everything from the specification is bound, or a number of our own making.
 */
export class CompiledQuery {
  readonly #spec: QuerySpec;
  readonly #options: CompileOptions;
  readonly #binder = new Binder();
  readonly #where: string;
  readonly #breakdowns: readonly Column[];
  /** Expressions that base rows carry, each under one alias however often it is used. */
  readonly #projected = new Map<string, string>();
  readonly #operands: readonly (string | undefined)[];
  readonly #filters: readonly (string | undefined)[];
  readonly #integers: readonly boolean[];

  constructor(spec: QuerySpec, options: CompileOptions) {
    this.#spec = spec;
    this.#options = options;
    const binder = this.#binder;
    const columns = new Columns(options.fields, spec.calculated_fields, binder);
    const conditions = [
      options.dataset === undefined ? undefined : `_dataset = ${binder.bind(options.dataset, 'VARCHAR')}`,
      filtersSql(spec.filters, spec.filter_combination, columns, binder, 'filters'),
    ];
    this.#where = conditions.map((each) => (each === undefined ? '' : ` AND ${each}`)).join('');
    this.#breakdowns = spec.breakdowns.map((name, i) => columns.resolve(name, `breakdowns[${i}]`));
    const operands = spec.calculations.map((each, i) => operandColumn(each, columns, options.fields, i));
    this.#operands = spec.calculations.map((each, i) => {
      const column = operands[i];
      return column && this.#project(operandSql(each, column, `calculations[${i}].column`));
    });
    this.#integers = operands.map((column) => column?.type === 'integer');
    this.#filters = spec.calculations.map((each, i) => {
      const sql = filtersSql(
        each.filters ?? [],
        each.filter_combination ?? 'AND',
        columns,
        binder,
        `calculations[${i}].filters`,
      );
      return sql && this.#project(sql);
    });
  }

  /** Whether a calculation's column holds integers, for axes in whole steps. */
  isInteger(calculation: number): boolean {
    return this.#integers[calculation] === true;
  }

  /** Smallest and largest value of each heatmap, over all windows; undefined without heatmaps. */
  bounds(): Statement | undefined {
    const aggregates = this.#indexes('HEATMAP').flatMap((i) => [
      this.#aggregate('MIN', i),
      this.#aggregate('MAX', i),
    ]);
    if (aggregates.length === 0) return undefined;
    const rows = this.#options.windows.map((window) => this.#baseRows(window)).join(' UNION ALL ');
    return this.#binder.finish(
      `SELECT ${aggregates.map((sql) => `CAST(${sql} AS DOUBLE)`).join(', ')} FROM (${rows})`,
    );
  }

  /** The query itself; axes of its heatmaps by calculation. */
  query(axes: ReadonlyMap<number, HeatmapAxis>): Statement {
    const ctes = this.#options.windows.flatMap((window, w) => [
      `base${w} AS NOT MATERIALIZED (${this.#baseRows(window)})`,
      ...this.#indexes('RATE').map((i) => this.#rateCte(window, w, i)),
      `totals${w} AS NOT MATERIALIZED (${this.#totals(window, w)})`,
    ]);
    ctes.push(`top AS MATERIALIZED (${this.#top()})`);
    const parts = this.#options.windows.flatMap((window, w) => this.#parts(window, w, axes));
    return this.#binder.finish(`WITH ${ctes.join(',\n')}\n${parts.join('\nUNION ALL\n')}`);
  }

  #indexes(op: 'HEATMAP' | 'CONCURRENCY' | 'RATE'): number[] {
    const wanted = (each: Calculation): boolean => (op === 'RATE' ? isRate(each.op) : each.op === op);
    return this.#spec.calculations.flatMap((each, i) => (wanted(each) ? [i] : []));
  }

  #project(sql: string): string {
    const alias = this.#projected.get(sql) ?? `x${this.#projected.size}`;
    this.#projected.set(sql, alias);
    return alias;
  }

  #nanoseconds(seconds: number): string {
    return this.#binder.bind(BigInt(seconds) * 1_000_000_000n, 'BIGINT');
  }

  /** Rows of one window: time since the first bucket, the breakdowns, and what calculations read. */
  #baseRows(window: TimeWindow): string {
    const columns = [
      `_time - ${this.#nanoseconds(window.firstBucket)} AS t`,
      ...this.#breakdowns.map((column, i) => `${column.sql} AS b${i}`),
      ...[...this.#projected].map(([sql, alias]) => `${sql} AS ${alias}`),
    ];
    const time = `_time >= ${this.#nanoseconds(window.start)} AND _time < ${this.#nanoseconds(window.end)}`;
    return `SELECT ${columns.join(', ')} FROM spans WHERE ${time}${this.#where}`;
  }

  #aggregate(op: Calculation['op'], i: number): string {
    return aggregateSql(op, this.#operands[i] ?? '*', this.#filters[i]);
  }

  #bucket(window: TimeWindow): string {
    return `t // ${this.#nanoseconds(window.granularity)}`;
  }

  #names(prefix: string): string[] {
    return this.#breakdowns.map((_, i) => `${prefix}b${i}`);
  }

  #joinOn(left: string, right: string): string {
    return (
      this.#names('')
        .map((b) => `${left}.${b} IS NOT DISTINCT FROM ${right}.${b}`)
        .join(' AND ') || 'true'
    );
  }

  /** Groups with all their totals. */
  #totals(window: TimeWindow, w: number): string {
    const totals = this.#spec.calculations.map((each, i) => {
      if (each.op === 'HEATMAP' || isRate(each.op)) return `any_value(NULL::DOUBLE) AS a${i}`;
      return `${each.op === 'CONCURRENCY' ? this.#meanConcurrency(window, i) : this.#aggregate(each.op, i)} AS a${i}`;
    });
    const names = this.#names('');
    if (names.length === 0 && this.#spec.calculations.every((each) => each.op === 'HEATMAP')) {
      return `SELECT ${totals.join(', ')}`;
    }
    const group = names.length > 0 ? ` GROUP BY ${names.join(', ')}` : '';
    const plain = `SELECT ${[...names, ...totals].join(', ')} FROM base${w}${group}`;
    const rates = this.#indexes('RATE');
    if (rates.length === 0) return plain;
    const joins = rates
      .map((i) => ` LEFT JOIN rate${w}_${i} ON ${this.#joinOn('p', `rate${w}_${i}`)}`)
      .join('');
    const values = this.#spec.calculations.map((_, i) =>
      rates.includes(i) ? `rate${w}_${i}.r AS a${i}` : `p.a${i}`,
    );
    return `SELECT ${[...this.#names('p.'), ...values].join(', ')} FROM (${plain}) p${joins}`;
  }

  /** Mean change from one non-empty bucket to the next: the sum of the changes telescopes to last - first. */
  #rateCte(window: TimeWindow, w: number, i: number): string {
    const names = this.#names('');
    const op = this.#spec.calculations[i]?.op ?? 'COUNT';
    const keys = [...names, `${this.#bucket(window)} AS bk`].join(', ');
    const by = [...names, 'bk'].join(', ');
    const buckets = `SELECT ${keys}, ${this.#aggregate(op, i)} AS v FROM base${w} GROUP BY ${by}`;
    const rate = '(arg_max(v, bk) - arg_min(v, bk)) / nullif(count(v) - 1, 0) AS r';
    const group = names.length > 0 ? ` GROUP BY ${names.join(', ')}` : '';
    return `rate${w}_${i} AS NOT MATERIALIZED (SELECT ${[...names, rate].join(', ')} FROM (${buckets}) WHERE v IS NOT NULL${group})`;
  }

  /** Spans open at once, averaged over the window: the time spans cover in it, divided by its length. */
  #meanConcurrency(window: TimeWindow, i: number): string {
    const end = `(${this.#nanoseconds(window.end - window.firstBucket)})::DOUBLE`;
    const length = this.#nanoseconds(Math.max(1, window.end - window.start));
    // least() leaves NULLs out: a row without a duration would last until the window's end.
    const filter = ` FILTER (WHERE ${this.#present(i)})`;
    return `coalesce(sum(least(t + ${this.#durationNs(i)}, ${end}) - t)${filter}, 0) / ${length}`;
  }

  #durationNs(i: number): string {
    return `CAST(${this.#operands[i]} AS DOUBLE) * 1000000`;
  }

  /** The groups that are answered, numbered in their order. */
  #top(): string {
    const { havings, limit } = this.#spec;
    const conditions = havings.map((having) => {
      return `a${havingTarget(this.#spec, having)} ${having.op} ${this.#binder.bind(having.value, 'DOUBLE')}`;
    });
    const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
    const order = this.#orderTerms().join(', ') || '1';
    return `SELECT row_number() OVER (ORDER BY ${order}) AS rn, * FROM (SELECT * FROM totals0${where} ORDER BY ${order} LIMIT ${limit})`;
  }

  /** The orders asked for, else the first calculation that has an order, largest first; then the breakdowns. */
  #orderTerms(): string[] {
    if (this.#breakdowns.length === 0) return [];
    const terms = this.#spec.orders.flatMap((order) => {
      const target = orderTarget(this.#spec, order);
      if (target === undefined) return [];
      const name = target.kind === 'breakdown' ? `b${target.index}` : `a${target.index}`;
      return [`${name} ${order.order === 'descending' ? 'DESC' : 'ASC'} NULLS LAST`];
    });
    if (terms.length === 0) {
      const first = this.#spec.calculations.findIndex((each) => each.op !== 'HEATMAP');
      if (first >= 0) terms.push(`a${first} DESC NULLS LAST`);
    }
    return [...terms, ...this.#names('').map((name) => `${name} ASC NULLS LAST`)];
  }

  /** The selects of one window; columns: part, rn, bucket, calculation, k, v, breakdowns, calculations. */
  #parts(window: TimeWindow, w: number, axes: ReadonlyMap<number, HeatmapAxis>): string[] {
    const parts = [this.#totalsPart(w)];
    const series = this.#seriesAggregates();
    if (this.#options.series && series.some((sql) => sql !== 'NULL')) {
      parts.push(this.#select(w, { part: PART.series, bucket: this.#bucket(window), aggregates: series }));
    }
    for (const [i, axis] of axes) {
      const operand = this.#operands[i] ?? 'NULL';
      const cell = `floor((${operand} - ${this.#binder.bind(axis.min, 'DOUBLE')}) / ${this.#binder.bind(axis.step, 'DOUBLE')})`;
      // Rows that came after the bounds were read may lie outside. Clamped as integers: 28 ms a million
      // rows, as doubles 38.
      const k = `greatest(0, least(CAST(${cell} AS INTEGER), ${axis.count - 1}))`;
      const bucket = this.#options.series ? this.#bucket(window) : '0';
      const where = this.#present(i);
      parts.push(
        this.#select(w, { part: PART.heatmap, bucket, calculation: i, k, v: 'count(*)', where, byK: true }),
      );
    }
    if (this.#options.series) parts.push(...this.#concurrencyParts(window, w));
    return parts;
  }

  #totalsPart(w: number): string {
    const { calculations } = this.#spec;
    if (w === 0) {
      const all = [...this.#names(''), ...calculations.map((_, i) => `a${i}`)].join(', ');
      return `SELECT ${PART.total} AS part, rn, NULL::BIGINT AS bucket, NULL::INTEGER AS calculation, NULL::BIGINT AS k, NULL::DOUBLE AS v, ${all} FROM top`;
    }
    const all = [...this.#breakdowns.map(() => 'NULL'), ...calculations.map((_, i) => `s.a${i}`)].join(', ');
    return `SELECT ${PART.total + COMPARED}, rn, NULL, NULL, NULL, NULL, ${all} FROM totals${w} s JOIN top ON ${this.#joinOn('s', 'top')}`;
  }

  /** Aggregates by group and bucket, for the groups that are answered. */
  #select(w: number, rows: PartRows): string {
    const {
      part,
      bucket,
      calculation = 'NULL',
      k = 'NULL',
      v = 'NULL',
      source = `base${w}`,
      where = 'true',
    } = rows;
    // Without groups there is nothing to join: 41 ms a million rows with the join, 24 without.
    const isSingle = this.#breakdowns.length === 0 && this.#spec.havings.length === 0;
    const values = [
      ...this.#breakdowns.map(() => 'NULL'),
      ...(rows.aggregates ?? this.#operands.map(() => 'NULL')),
    ];
    const columns = [
      part + (w === 0 ? 0 : COMPARED),
      isSingle ? '1::BIGINT' : 'rn',
      `${bucket} AS bucket`,
      calculation,
    ];
    const by = [...(isSingle ? [] : ['rn']), 'bucket', ...(rows.byK ? ['k'] : [])];
    const from = isSingle ? source : `${source} s JOIN top ON ${this.#joinOn('s', 'top')}`;
    return `SELECT * FROM (SELECT ${[...columns, `${k} AS k`, v, ...values].join(', ')} FROM ${from} WHERE ${where} GROUP BY ${by.join(', ')} LIMIT ${MAX_POINTS + 1})`;
  }

  /** The condition for a row to have a value that a calculation uses. */
  #present(i: number): string {
    return `${this.#operands[i]} IS NOT NULL AND ${this.#filters[i] ?? 'true'}`;
  }

  /** Aggregates a bucket; heatmaps and concurrency have parts of their own. */
  #seriesAggregates(): string[] {
    return this.#spec.calculations.map((each, i) => {
      return each.op === 'HEATMAP' || each.op === 'CONCURRENCY' ? 'NULL' : this.#aggregate(each.op, i);
    });
  }

  /**
   * Concurrency without a row per span and bucket: where spans begin, what they cover of that bucket and
   * how many go on beyond it; where those end, what they cover of the last one. The buckets between follow
   * by running sum when the result is shaped.
   */
  #concurrencyParts(window: TimeWindow, w: number): string[] {
    const width = this.#nanoseconds(window.granularity);
    return this.#indexes('CONCURRENCY').flatMap((i) => {
      const end = `CAST(${this.#nanoseconds(window.end - window.firstBucket)} AS DOUBLE)`;
      const span = `t, t // ${width} AS opened, least(t + ${this.#durationNs(i)}, ${end}) AS stop`;
      const source = `(SELECT ${[...this.#names(''), span].join(', ')} FROM base${w} WHERE ${this.#present(i)})`;
      const closed = `CAST(floor(stop / ${width}) AS BIGINT)`;
      const goesOn = `${closed} > opened`;
      const begin = `sum(least(stop, (opened + 1) * ${width}) - t) / ${width}`;
      const rest = `sum(stop - ${closed} * ${width}) / ${width}`;
      const shared = { calculation: i, source };
      return [
        this.#select(w, {
          ...shared,
          part: PART.opened,
          bucket: 'opened',
          k: `count(*) FILTER (WHERE ${goesOn})`,
          v: begin,
        }),
        this.#select(w, {
          ...shared,
          part: PART.closed,
          bucket: closed,
          k: 'count(*)',
          v: rest,
          where: goesOn,
        }),
      ];
    });
  }
}

/** One select of the statement, for #select; what is left out is NULL. */
interface PartRows {
  readonly part: number;
  readonly bucket: string;
  readonly calculation?: number;
  readonly k?: string;
  readonly v?: string;
  /** One value a calculation. */
  readonly aggregates?: readonly string[];
  /** What is read; by default the rows of the window. */
  readonly source?: string;
  readonly where?: string;
  /** Whether k is one of the keys rather than an aggregate. */
  readonly byK?: boolean;
}

/** The column a calculation reads: CONCURRENCY the span's duration, COUNT none unless it names one. */
function operandColumn(
  calculation: Calculation,
  columns: Columns,
  fields: ReadonlyMap<string, Field>,
  i: number,
): Column | undefined {
  if (calculation.op === 'CONCURRENCY') {
    const duration = fields.get('duration_ms');
    if (duration === undefined)
      throw invalid(`calculations[${i}].op`, 'CONCURRENCY needs spans, and there are none yet');
    return { sql: operandSql({ op: 'MAX', column: 'duration_ms' }, duration, ''), type: 'float' };
  }
  return calculation.column === undefined
    ? undefined
    : columns.resolve(calculation.column, `calculations[${i}].column`);
}
