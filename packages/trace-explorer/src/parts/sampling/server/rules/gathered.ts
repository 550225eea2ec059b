import { RE2JS } from 're2js';
import { isProtectedField } from '../../../../core/fields/core-fields.ts';
import type { FieldType } from '../../../../core/fields/field-type.ts';
import { readField } from '../../../../core/store/read/field-sql.ts';
import type { Field } from '../../../../core/store/store.ts';
import { sqlText } from '../../../../lib/text/sql-text.ts';
import { RulesError } from './section.ts';

/** The fields of a store, by name. */
export type Fields = ReadonlyMap<string, Field>;

/** SQL of a value, and its type; `nil` of a field that no row has. */
export interface Value {
  readonly sql: string;
  readonly type: FieldType | 'nil';
}

/**
 * The questions of some rules about each trace, as SQL over its rows, and the settings that are not modelled. A row has the columns
 * t_span and t_event, t_root, t_start and t_end: when a sampler gets the span. Times are nanoseconds since the traffic's begin.
 */
export class Gathered {
  readonly fields: Fields;
  readonly notes = new Set<string>();
  /** Aggregates over the rows. */
  readonly values: string[] = [];
  /** Aggregates over the rows that conditions of single rows need, as columns t_fact0, t_fact1 and so on. */
  readonly facts: string[] = [];
  /** Further columns, such as `… AS t_first`. */
  readonly columns = new Set<string>();
  /** SQL of the moment of a trace's decision, after which no row counts; undefined: all rows count. */
  decidedAt: string | undefined;
  /** Whether a row has the column t_size: a span's bytes in a ResourceSpans message of its own. */
  sizes = false;
  /** Whether a policy is not modelled: totals then have bounds. */
  isBounded = false;
  /** Whether a limit per second decides, so that the order of traces counts. */
  isLimited = false;

  constructor(fields: Fields) {
    this.fields = fields;
  }

  /** Which rows count. */
  get when(): string {
    return this.cameInTime('t_end');
  }

  /** Whether a row came before its trace was decided. @param column when it came */
  cameInTime(column: string): string {
    return this.decidedAt === undefined ? 'true' : `coalesce(${column}, 0) <= ${this.decidedAt}`;
  }

  /** Asks for an aggregate over the rows of a trace. @returns its index among the values */
  ask(sql: string): number {
    return placeOf(this.values, sql);
  }

  /** Asks whether a condition holds for a row of a trace. */
  askAny(condition: string, invert = false): number {
    return this.ask(`coalesce(bool_or(${condition}), false) <> ${invert}`);
  }

  /** Asks for the sampling entry of a trace's trace states: a state with random bits, else one with a threshold. */
  askState(): number {
    const state = this.text('trace.trace_state');
    const [random, sampled] = ['rv', 'th'].map(
      (key) => `min(${state}) FILTER (regexp_matches(${state}, 'ot=[^,]*${key}:'))`,
    );
    return this.ask(`coalesce(${random}, ${sampled})`);
  }

  /** Asks for an aggregate that conditions of single rows need. @returns its column */
  fact(sql: string): string {
    return `t_fact${placeOf(this.facts, sql)}`;
  }

  /** A field as text, NULL when no row has it. */
  text(name: string): string {
    return readField(this.fields, name, 'VARCHAR');
  }
}

function placeOf(all: string[], sql: string): number {
  const at = all.indexOf(sql);
  return at === -1 ? all.push(sql) - 1 : at;
}

/** The field in which the explorer stores an attribute. */
export function fieldOf(key: string): string {
  return isProtectedField(key) ? `attribute.${key}` : key;
}

/** Whether two values have one type, or are numbers. */
export function areComparable(a: Value, b: Value): boolean {
  return a.type === b.type || [a, b].every(({ type }) => type === 'integer' || type === 'float');
}

/** A value of a rules file in SQL. @throws RulesError for a text that no field has, and for a number that compares with none */
export function literal(value: string | number | boolean): string {
  if (Number.isNaN(value)) throw new RulesError('.nan is no number that values can be compared with.');
  if (typeof value === 'number' && !Number.isFinite(value)) return `'${value}'::DOUBLE`;
  if (typeof value !== 'string') return String(value);
  if (value.includes('\0')) throw new RulesError('A text has a character with the code 0.');
  return sqlText(value);
}

/** A value as Go prints it. DuckDB writes `5.0` for 5, and floats from 1e16 on with an exponent, as Go does from 1e21 on. */
export function printedSql({ sql, type }: Value): string {
  if (type === 'string') return sql;
  const text = `CAST(${sql} AS VARCHAR)`;
  if (type !== 'float') return text;
  const digits = `replace(regexp_extract(${text}, '^[^e]*'), '.', '')`;
  const length = `TRY_CAST(regexp_extract(${text}, '[0-9]+$') AS INTEGER) + CASE WHEN ${sql} < 0 THEN 2 ELSE 1 END`;
  return `CASE WHEN abs(${sql}) >= 1e16 AND abs(${sql}) < 1e21 THEN rpad(${digits}, ${length}, '0')
    ELSE regexp_replace(${text}, '[.]0$', '') END`;
}

/** The condition that a text matches a regular expression of Go, which is RE2. Undefined for an invalid one. */
export function matchesSql(text: string, pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
  return `coalesce(regexp_matches(${text}, ${literal(pattern)}), false)`;
}
