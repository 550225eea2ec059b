import { nanosecondsOf } from '../../../lib/time/time-range.ts';
import type { Field } from '../../store/store.ts';
import type { CalculationOp } from '../parse/operators.ts';
import { PERCENTILES } from '../parse/operators.ts';
import { invalid } from '../parse/query-error.ts';
import type { Calculation, QuerySpec } from '../parse/query-spec.ts';
import type { SavedFields } from '../parse/saved-fields.ts';
import { Binder } from './binder.ts';
import { aggregateSql, isPercentile, isRate, operandSql, weightedAggregateSql } from './calculations.ts';
import type { Column } from './column.ts';
import { Columns } from './columns.ts';
import { filtersSql, rowFiltersSql } from './filters.ts';
import { formulasSql } from './formulas.ts';
import type { TimeWindow } from './time-window.ts';
import { rankedRows, weightedQuantile } from './weighted-quantile.ts';

export interface ScopeOptions {
  readonly fields: ReadonlyMap<string, Field>;
  /** Calculated fields that the query can name besides its own. */
  readonly saved?: SavedFields | undefined;
  readonly dataset: string;
  /** Whether percentiles use less memory, for very many rows; see aggregateSql. */
  readonly compact?: boolean;
  /** SQL for the number of events that a row stands for; undefined when each row is one event. */
  readonly weight?: string | undefined;
  /** Groups to leave out: breakdowns, and a row of their values for each group. */
  readonly without?: Groups | undefined;
}

export interface Groups {
  readonly breakdowns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/**
 * A specification with its columns found and its values bound: the rows that it reads, and the pieces of SQL for its
 * statements. Every value of the specification is bound; the SQL contains only numbers that this code made.
 */
export class QueryScope {
  readonly spec: QuerySpec;
  readonly binder: Binder;
  /** SQL of each formula over a row of totals. */
  readonly formulas: readonly string[];
  readonly #where: string;
  readonly #breakdowns: readonly Column[];
  /** Expressions that base rows carry. Each expression has one alias, also when several parts use the expression. */
  readonly #projected = new Map<string, string>();
  readonly #operands: readonly (string | undefined)[];
  readonly #filters: readonly (string | undefined)[];
  readonly #integers: readonly boolean[];
  readonly #compact: boolean;
  readonly #weight: string | undefined;

  /** @throws QueryError for columns that do not exist or have an unsuitable type */
  constructor(spec: QuerySpec, options: ScopeOptions) {
    const { fields, saved, dataset, compact = false, weight } = options;
    this.spec = spec;
    this.binder = new Binder();
    this.#compact = compact;
    this.#weight = weight && this.#project(weight);
    const { binder } = this;
    const columns = new Columns(fields, spec.calculated_fields, binder, saved);
    refuseRelations(spec, columns);
    this.formulas = formulasSql(spec, binder);
    const where = rowFiltersSql(dataset, spec, columns, binder, 'filters');
    this.#where =
      options.without === undefined ? where : `${where} AND ${notAmong(options.without, columns, binder)}`;
    this.#breakdowns = spec.breakdowns.map((name, i) => columns.resolveGroup(name, `breakdowns[${i}]`));
    const operands = spec.calculations.map((each, i) => operandColumn(each, columns, fields, i));
    this.#operands = spec.calculations.map((each, i) => {
      const column = operands[i];
      return column && this.#project(operandSql(each, column, `calculations[${i}].column`));
    });
    this.#integers = operands.map((column) => column?.type === 'integer');
    this.#filters = spec.calculations.map(({ filters = [], filter_combination = 'AND' }, i) => {
      const sql = filtersSql(filters, filter_combination, columns, binder, `calculations[${i}].filters`);
      return sql && this.#project(sql);
    });
  }

  /** Rows of one window: time since the first bucket, the breakdowns, and the values that calculations read. */
  baseRows(window: TimeWindow): string {
    const columns = [
      `_time - ${this.nanoseconds(window.firstBucket)} AS t`,
      ...this.#breakdowns.map((column, i) => `${column.sql} AS b${i}`),
      ...[...this.#projected].map(([sql, alias]) => `${sql} AS ${alias}`),
    ];
    const time = `_time >= ${this.nanoseconds(window.start)} AND _time < ${this.nanoseconds(window.end)}`;
    return `SELECT ${columns.join(', ')} FROM spans WHERE ${time} AND ${this.#where}`;
  }

  /** Whether a calculation's column holds integers, for axes in whole steps. */
  isInteger(calculation: number): boolean {
    return this.#integers[calculation] === true;
  }

  /** Alias of the value that a calculation reads from base rows. */
  operand(calculation: number): string {
    return this.#operands[calculation] ?? '*';
  }

  /** The condition that a row has a value for a calculation. */
  present(calculation: number): string {
    const [operand, filter] = [this.#operands[calculation], this.#filters[calculation]];
    return `${operand ?? 'true'} IS NOT NULL AND ${filter ?? 'true'}`;
  }

  /** An aggregate over the value that a calculation reads, restricted by the calculation's filters. */
  aggregate(op: CalculationOp, calculation: number): string {
    const [operand, filter] = [this.operand(calculation), this.#filters[calculation]];
    const isInteger = this.isInteger(calculation);
    return this.#weight === undefined
      ? aggregateSql(op, operand, filter, isInteger, this.#compact)
      : weightedAggregateSql(op, operand, filter, isInteger, this.#weight);
  }

  /** The number of events that all rows together stand for. */
  count(where?: string): string {
    const filter = where === undefined ? '' : ` FILTER (WHERE ${where})`;
    return this.#weight === undefined ? `count(*)${filter}` : `coalesce(sum(${this.#weight})${filter}, 0)`;
  }

  /** A number of each row, times the number of events that the row stands for. */
  weighed(sql: string): string {
    return this.#weight === undefined ? sql : `(${sql}) * ${this.#weight}`;
  }

  /** Percentiles of weighted rows, by index. Percentiles that read equal values read equal rows, and share a list. */
  weightedPercentiles(): readonly (readonly [number, ...number[]])[] {
    if (this.#weight === undefined) return [];
    const indexes = this.spec.calculations.flatMap(({ op }, i) => (isPercentile(op) ? [i] : []));
    const groups = Map.groupBy(indexes, (i) => this.present(i)).values();
    return [...groups] as [number, ...number[]][];
  }

  /** The rows of a source that weighted percentiles of one value read, and these percentiles per key. */
  weightedPercentile(
    [first, ...others]: readonly [number, ...number[]],
    source: string,
    keys: readonly string[],
  ) {
    if (this.#weight === undefined) throw new TypeError('Rows have no weights');
    const value = `CAST(${this.operand(first)} AS DOUBLE)`;
    const present = `(SELECT * FROM ${source} WHERE ${this.present(first)})`;
    const shares = [first, ...others].flatMap((i) => {
      const op = this.spec.calculations[i]?.op;
      return op !== undefined && isPercentile(op) ? [PERCENTILES[op]] : [];
    });
    return {
      rows: rankedRows(present, { value, weight: this.#weight, keys }),
      values: shares.map((share) => weightedQuantile(value, share)),
    };
  }

  /** The duration, in nanoseconds, that a CONCURRENCY calculation reads. */
  durationNs(calculation: number): string {
    return `CAST(${this.operand(calculation)} AS DOUBLE) * 1000000`;
  }

  nanoseconds(seconds: number): string {
    return this.binder.bind(nanosecondsOf(seconds), 'BIGINT');
  }

  bucket(window: TimeWindow): string {
    return `t // ${this.nanoseconds(window.granularity)}`;
  }

  /** End of the window in nanoseconds since the first bucket: a DOUBLE, like the ends of spans. */
  windowEnd(window: TimeWindow): string {
    return `CAST(${this.nanoseconds(window.end - window.firstBucket)} AS DOUBLE)`;
  }

  /** Aliases of the breakdowns in base rows. */
  breakdowns(): string[] {
    return this.#breakdowns.map((_, i) => `b${i}`);
  }

  groupBy(...more: readonly string[]): string {
    const keys = [...this.breakdowns(), ...more];
    return keys.length > 0 ? ` GROUP BY ${keys.join(', ')}` : '';
  }

  /** The condition that rows of two sources are in the same group, groups without a value included. */
  sameGroup(left: string, right: string): string {
    const conditions = this.breakdowns().map((b) => `${left}.${b} IS NOT DISTINCT FROM ${right}.${b}`);
    return conditions.join(' AND ') || 'true';
  }

  /** Indexes of the calculations of one operator, or of all RATE operators. */
  indexes(op: 'HEATMAP' | 'CONCURRENCY' | 'RATE'): number[] {
    return this.spec.calculations.flatMap((each, i) =>
      (op === 'RATE' ? isRate(each.op) : each.op === op) ? [i] : [],
    );
  }

  #project(sql: string): string {
    const alias = this.#projected.get(sql) ?? `x${this.#projected.size}`;
    this.#projected.set(sql, alias);
    return alias;
  }
}

const JSON_TYPES = { string: 'VARCHAR', integer: 'BIGINT', float: 'DOUBLE', boolean: 'BOOLEAN' } as const;

function notAmong({ breakdowns, rows }: Groups, columns: Columns, binder: Binder): string {
  const own = breakdowns.map((name, i) => columns.resolveGroup(name, `breakdowns[${i}]`));
  const form = Object.fromEntries(own.map(({ type }, i) => [`b${i}`, JSON_TYPES[type]]));
  const groups = rows.map((values) => Object.fromEntries(values.map((value, i) => [`b${i}`, value])));
  const given = `from_json(${binder.bind(JSON.stringify(groups), 'VARCHAR')}, '${JSON.stringify([form])}')`;
  const same = own.map(({ sql }, i) => `g.b${i} IS NOT DISTINCT FROM ${sql}`).join(' AND ');
  return `NOT EXISTS (SELECT 1 FROM (SELECT unnest(${given}) AS g) WHERE ${same})`;
}

/** Refuses fields of other spans where Honeycomb does: beside formulas, and beside calculations with filters. */
function refuseRelations({ formulas, calculations, filters, breakdowns }: QuerySpec, columns: Columns): void {
  const filtered = calculations.map(({ filters: own = [] }) => own);
  const cause =
    formulas.length > 0 ? 'formulas' : filtered.some((own) => own.length > 0) ? 'filters' : undefined;
  if (cause === undefined) return;
  const refuse = (name: string, at: string) => {
    if (columns.relationOf(name) === undefined) return;
    const beside = cause === 'formulas' ? 'formulas' : 'calculations with filters';
    throw invalid(
      at,
      `relational fields such as ${JSON.stringify(name)} cannot stand beside ${beside}`,
      'unsupported',
    );
  };
  for (const [i, { column }] of filters.entries()) refuse(column, `filters[${i}].column`);
  for (const [i, name] of breakdowns.entries()) refuse(name, `breakdowns[${i}]`);
  for (const [i, own] of filtered.entries())
    for (const [j, { column }] of own.entries()) refuse(column, `calculations[${i}].filters[${j}].column`);
}

/** The column that a calculation reads: for CONCURRENCY the span's duration, for COUNT only a named column. */
function operandColumn(
  calculation: Calculation,
  columns: Columns,
  fields: ReadonlyMap<string, Field>,
  i: number,
): Column | undefined {
  if (calculation.op === 'CONCURRENCY') {
    const duration = fields.get('duration_ms');
    if (duration !== undefined) {
      return { sql: duration.sql, type: 'float', finite: true };
    }
    throw invalid(`calculations[${i}].op`, 'CONCURRENCY needs spans, and there are none yet');
  }
  if (calculation.column === undefined) return undefined;
  return columns.resolve(calculation.column, `calculations[${i}].column`);
}
