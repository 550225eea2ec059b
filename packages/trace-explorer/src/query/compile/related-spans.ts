import type { Field } from '../../store/types.ts';
import { invalid } from '../parse/query-error.ts';
import type { Column } from './column.ts';

/** Honeycomb's prefixes for fields of other spans of the same trace. */
const RELATIONS = ['root', 'parent', 'child', 'any', 'any2', 'any3', 'none'] as const;
export type Relation = (typeof RELATIONS)[number];

/** The relation that a name begins with, and the name of the field on that span; undefined for any other name. */
export function relationOf(
  name: string,
): { readonly relation: Relation; readonly field: string } | undefined {
  const dot = name.indexOf('.');
  const relation = RELATIONS.find((each) => each === name.slice(0, dot));
  return relation === undefined ? undefined : { relation, field: name.slice(dot + 1) };
}

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
    if (relation !== 'root' && relation !== 'parent') {
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
