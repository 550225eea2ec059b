import { isProtectedField } from '../../fields/core-fields.ts';
import type { Field } from '../../store/types.ts';
import { invalid } from '../parse/query-error.ts';
import type { CalculatedField } from '../parse/query-spec.ts';
import { relationOf } from '../parse/relation.ts';
import type { Binder } from './binder.ts';
import type { Column } from './column.ts';
import { compileExpression } from './expression/compile.ts';
import { parseExpression } from './expression/parse.ts';
import { ExpressionError } from './expression/tokens.ts';
import { RelatedSpans } from './related-spans.ts';

/**
 * The columns a query can name: its own calculated fields first, then the store's. A calculated field may
 * use those before it.
 */
export class Columns {
  readonly #fields: ReadonlyMap<string, Field>;
  readonly #calculated = new Map<string, Column>();
  readonly related: RelatedSpans;

  /** @throws QueryError that quotes the mistake in an expression */
  constructor(fields: ReadonlyMap<string, Field>, calculated: readonly CalculatedField[], binder: Binder) {
    this.#fields = fields;
    this.related = new RelatedSpans(fields);
    calculated.forEach((each, i) => {
      const at = `calculated_fields[${i}].expression`;
      try {
        const context = { binder, column: (name: string, position: number) => this.#named(name, position) };
        this.#calculated.set(each.name, compileExpression(parseExpression(each.expression), context));
      } catch (error) {
        throw error instanceof ExpressionError ? invalid(at, error.message) : error;
      }
    });
  }

  /**
   * The column of a name in an expression, where operators without a space before them are part of the name.
   * @param position character of the expression, for the error
   * @throws ExpressionError with both readings, when only the name before the operator is one
   */
  #named(name: string, position: number): Column {
    const column = this.#find(name);
    if (column !== undefined) return column;
    const before = [...name.matchAll(/[/:=+?-]/gu)].map(({ index }) => name.slice(0, index));
    const meant = before.findLast((each) => this.#has(each));
    if (meant === undefined) throw new ExpressionError(missing(name).description, position);
    const rest = name.slice(meant.length);
    throw new ExpressionError(
      `In Honeycomb ${JSON.stringify(`$${name}`)} is one column, and no span has had it. To calculate with ${JSON.stringify(`$${meant}`)}, write a space after its name: ${JSON.stringify(`$${meant} ${rest}`)}`,
      position,
    );
  }

  #has(name: string): boolean {
    return this.#calculated.has(name) || this.#fields.has(name);
  }

  /**
   * The column of a name.
   * @param at the place in the specification that names the column
   * @throws QueryError that names it, when no span has had it
   */
  resolve(name: string, at: string): Column {
    const column = this.#find(name);
    if (column !== undefined) return column;
    const { description, code } = missing(name);
    throw invalid(at, description, code);
  }

  #find(name: string): Column | undefined {
    const calculated = this.#calculated.get(name);
    if (calculated !== undefined) return calculated;
    const field = this.#fields.get(name);
    return field && { sql: field.sql, type: field.type, finite: isProtectedField(name) };
  }

  /**
   * The column of a name to group by, which may be one of the row's root or parent.
   * @throws QueryError as resolve does
   */
  resolveGroup(name: string, at: string): Column {
    const of = this.#has(name) ? undefined : relationOf(name);
    if (of === undefined) return this.resolve(name, at);
    return this.related.column(of.relation, this.resolve(of.field, at), at);
  }

  /** The relation that a filter's column is of, unless the row itself has a column of that name. */
  relationOf(name: string): ReturnType<typeof relationOf> {
    return this.#has(name) ? undefined : relationOf(name);
  }
}

/** Why there is no column of a name. */
function missing(name: string): { readonly description: string; readonly code: 'unsupported' | 'invalid' } {
  return relationOf(name) === undefined
    ? { description: `unknown column ${JSON.stringify(name)}: no span has had it yet`, code: 'invalid' }
    : {
        description: `relational fields such as ${JSON.stringify(name)} can only be filtered and grouped by, as in Honeycomb`,
        code: 'unsupported',
      };
}
