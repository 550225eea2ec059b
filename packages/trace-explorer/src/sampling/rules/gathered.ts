import { RE2JS } from 're2js';
import { isProtectedField } from '../../fields/core-fields.ts';
import type { Field } from '../../store/store.ts';
import { readField } from '../../traces/read/field-sql.ts';
import { RulesError } from './section.ts';

/** The fields of a store, by name. */
export type Fields = ReadonlyMap<string, Field>;

/** The questions of some rules about each trace, and the settings that are not modelled. */
export class Gathered {
  readonly fields: Fields;
  readonly notes = new Set<string>();
  /** SQL of `Wanted`. */
  readonly values: string[] = [];
  readonly facts: string[] = [];
  readonly columns = new Set<string>();
  when = 'true';
  sizes = false;
  /** Whether a policy is not modelled: totals then have bounds. */
  isBounded = false;

  constructor(fields: Fields) {
    this.fields = fields;
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

/** A value of a rules file in SQL. @throws RulesError for a text that no field has */
export function literal(value: string | number | boolean): string {
  if (typeof value !== 'string') return value === Infinity ? "'Infinity'::DOUBLE" : String(value);
  if (value.includes('\0')) throw new RulesError('A text has a character with the code 0.');
  return `'${value.replaceAll("'", "''")}'`;
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
