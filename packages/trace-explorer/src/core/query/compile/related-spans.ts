import type { Field } from '../../store/store.ts';
import { invalid } from '../parse/query-error.ts';
import type { Relation } from '../parse/relation.ts';
import { SINGLE_RELATIONS } from '../parse/relation.ts';
import type { Column } from './column.ts';

/**
 * SQL over the other spans of a row's trace. Unqualified columns in the subquery belong to table `related`, which is nearer
 * than the row's own table `spans`.
 */
export class RelatedSpans {
  readonly #ids: {
    readonly trace: string;
    readonly span: string;
    readonly parent: string;
    readonly kind: string;
  };

  constructor(fields: ReadonlyMap<string, Field>) {
    const sqlOf = (name: string) => fields.get(name)?.sql ?? 'NULL';
    this.#ids = {
      trace: sqlOf('trace.trace_id'),
      span: sqlOf('trace.span_id'),
      parent: sqlOf('trace.parent_id'),
      kind: sqlOf('span.kind'),
    };
  }

  /** The condition that the trace has a matching span of this relation, or for `none` that no span matches. */
  exists(relation: Relation, condition: string): string {
    const { trace } = this.#ids;
    if (OF_THE_ROW.includes(relation)) return `EXISTS (SELECT 1 ${this.#from(relation)} AND ${condition})`;
    // One list of traces for all rows: over ten million rows 0.65 s of processor time instead of 1 s with EXISTS.
    const found = `spans.${trace} IN (SELECT ${trace} FROM spans AS related WHERE ${trace} IS NOT NULL AND ${this.#is(relation)} AND ${condition})`;
    return relation === 'none' ? `(spans.${trace} IS NOT NULL AND NOT ${found})` : found;
  }

  /**
   * A field of the only span of a relation in a row's trace.
   * @throws QueryError for a relation that several spans may have
   */
  column(relation: Relation, column: Column, at: string): Column {
    if (!SINGLE_RELATIONS.includes(relation)) {
      throw invalid(
        at,
        `${relation}. stands for several spans; group by fields of root., of parent., or of the spans themselves`,
        'unsupported',
      );
    }
    return { sql: `(SELECT any_value(${column.sql}) ${this.#from(relation)})`, type: column.type };
  }

  #from(relation: Relation): string {
    const { trace } = this.#ids;
    return `FROM spans AS related WHERE ${trace} = spans.${trace} AND ${this.#is(relation)}`;
  }

  /** The condition that a span of the row's trace has the relation. */
  #is(relation: Relation): string {
    const { span, parent, kind } = this.#ids;
    const related = {
      root: `${parent} IS NULL`,
      parent: `${span} = spans.${parent}`,
      child: `${parent} = spans.${span}`,
      any: 'true',
      any2: 'true',
      any3: 'true',
      none: 'true',
    }[relation];
    return `${kind} IS NOT NULL AND ${related}`;
  }
}

/** Relations to a single row of a trace. All other relations are to the trace as a whole. */
const OF_THE_ROW: readonly Relation[] = ['parent', 'child'];
