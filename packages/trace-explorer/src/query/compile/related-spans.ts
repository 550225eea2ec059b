import type { Field } from '../../store/types.ts';
import { invalid } from '../parse/query-error.ts';
import type { Relation } from '../parse/relation.ts';
import { SINGLE_RELATIONS } from '../parse/relation.ts';
import type { Column } from './column.ts';

/**
 * SQL over the other spans of a row's trace. What is read of them stands unqualified in the subquery, where table `related`
 * is nearer than the row's own table `spans`.
 */
export class RelatedSpans {
  readonly #ids: {
    readonly trace: string;
    readonly span: string;
    readonly parent: string;
    readonly kind: string;
  };

  constructor(fields: ReadonlyMap<string, Field>) {
    const of = (name: string) => fields.get(name)?.sql ?? 'NULL';
    this.#ids = {
      trace: of('trace.trace_id'),
      span: of('trace.span_id'),
      parent: of('trace.parent_id'),
      kind: of('span.kind'),
    };
  }

  /** The condition for the trace to have a span of this relation that fits, or for `none` to have none. */
  exists(relation: Relation, condition: string): string {
    const found = `EXISTS (SELECT 1 ${this.#from(relation)} AND ${condition})`;
    return relation === 'none' ? `(spans.${this.#ids.trace} IS NOT NULL AND NOT ${found})` : found;
  }

  /**
   * A field of the one span that a row's trace has of a relation.
   * @throws QueryError for relations that several spans may be of
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
    const { trace, span, parent, kind } = this.#ids;
    const related = {
      root: `${parent} IS NULL`,
      parent: `${span} = spans.${parent}`,
      child: `${parent} = spans.${span}`,
      any: 'true',
      any2: 'true',
      any3: 'true',
      none: 'true',
    }[relation];
    return `FROM spans AS related WHERE ${trace} = spans.${trace} AND ${kind} IS NOT NULL AND ${related}`;
  }
}
