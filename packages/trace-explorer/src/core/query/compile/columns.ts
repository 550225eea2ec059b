import { equalNames } from '../../conventions/attributes.ts';
import { isProtectedField } from '../../fields/core-fields.ts';
import { notCounted } from '../../fields/pulled.ts';
import type { Field } from '../../store/store.ts';
import type { Expression } from '../parse/expression/parse.ts';
import { parseExpression } from '../parse/expression/parse.ts';
import { ExpressionError } from '../parse/expression/tokens.ts';
import { invalid, QueryError } from '../parse/query-error.ts';
import type { CalculatedField } from '../parse/query-spec.ts';
import { relationOf } from '../parse/relation.ts';
import type { SavedFields } from '../parse/saved-fields.ts';
import { NO_SAVED_FIELDS } from '../parse/saved-fields.ts';
import type { Binder } from './binder.ts';
import type { Column } from './column.ts';
import { compileExpression } from './expression/compile.ts';
import { RelatedSpans } from './related-spans.ts';
import { rootField } from './root-field.ts';

/**
 * The columns of a query, in order of precedence: the query's calculated fields, saved calculated fields, the store's
 * fields. A calculated field may use the query's fields before it and the saved fields. A saved field cannot use the query's
 * fields.
 */
export class Columns {
  readonly #fields: ReadonlyMap<string, Field>;
  readonly #root: Field | undefined;
  readonly #saved: SavedFields;
  readonly #binder: Pick<Binder, 'bind'>;
  readonly #calculated = new Map<string, Column>();
  /** Saved fields, compiled when a query first named them. */
  readonly #compiled = new Map<string, Column>();
  readonly related: RelatedSpans;

  /** @throws QueryError that quotes the mistake in an expression */
  constructor(
    fields: ReadonlyMap<string, Field>,
    calculated: readonly CalculatedField[],
    binder: Pick<Binder, 'bind'>,
    saved: SavedFields = NO_SAVED_FIELDS,
  ) {
    this.#fields = fields;
    this.#root = rootField(fields);
    this.#saved = saved;
    this.#binder = binder;
    this.related = new RelatedSpans(fields);
    calculated.forEach(({ name, expression }, i) => {
      const compiled = this.#compile(
        () => parseExpression(expression),
        (used) => this.find(used),
        (message) => invalid(`calculated_fields[${i}].expression`, message),
      );
      this.#calculated.set(name, compiled);
    });
  }

  /** See `notCounted` of pulled traces. */
  notCounted(): string | undefined {
    return notCounted(this.#fields);
  }

  /** @throws the error that `refusal` makes of the mistake in the expression */
  #compile(
    read: () => Expression,
    find: (name: string) => Column | undefined,
    refusal: (message: string) => QueryError,
  ): Column {
    const column = (name: string, position: number) => find(name) ?? this.#misread(name, position);
    try {
      return compileExpression(read(), { binder: this.#binder, column });
    } catch (error) {
      throw error instanceof ExpressionError ? refusal(error.message) : error;
    }
  }

  /** @throws QueryError that names the file, when the field cannot be used */
  #ofSaved(name: string): Column | undefined {
    const known = this.#compiled.get(name);
    if (known !== undefined) return known;
    const field = this.#saved.fields.get(name);
    if (field === undefined) return undefined;
    const { at, read } = field;
    const refusal = (problem: string) =>
      invalid(`${at}.expression`, `${JSON.stringify(name)} cannot be used: ${problem}`);
    if ('problem' in read) throw refusal(read.problem);
    const compiled = this.#compile(
      () => read.tree,
      (used) => this.#ofSaved(used) ?? this.#stored(used),
      refusal,
    );
    this.#compiled.set(name, compiled);
    return compiled;
  }

  /**
   * Throws for a name in an expression that is not a column. An operator without a space before it is part of the name.
   * @param position character of the expression, for the error
   * @throws ExpressionError; with both readings, when the name before the operator is a column
   */
  #misread(name: string, position: number): never {
    const before = [...name.matchAll(/[/:=+?-]/gu)].map(({ index }) => name.slice(0, index));
    const meant = before.findLast((each) => this.#has(each));
    if (meant === undefined) throw new ExpressionError(this.#missing(name).description, position);
    const rest = name.slice(meant.length);
    throw new ExpressionError(
      `In Honeycomb ${JSON.stringify(`$${name}`)} is one column, and no span has had it. To calculate with ${JSON.stringify(`$${meant}`)}, write a space after its name: ${JSON.stringify(`$${meant} ${rest}`)}`,
      position,
    );
  }

  #has(name: string): boolean {
    return (
      this.#calculated.has(name) || this.#saved.fields.has(name) || this.#storedField(name) !== undefined
    );
  }

  /**
   * The column with a name.
   * @param at the part of the specification that names the column
   * @throws QueryError that names the column, when no span has ever had it
   */
  resolve(name: string, at: string): Column {
    const column = this.find(name);
    if (column !== undefined) return column;
    const { description, code } = this.#missing(name);
    throw invalid(at, description, code);
  }

  /** The column with a name; undefined when there is none. @throws QueryError for a saved field that cannot be used */
  find(name: string): Column | undefined {
    return this.#calculated.get(name) ?? this.#ofSaved(name) ?? this.#stored(name);
  }

  /** Calculated fields by name: the query's own, and the saved fields that can be used. */
  calculated(): ReadonlyMap<string, Column> {
    const saved = [...this.#saved.fields.keys()].flatMap((name): [string, Column][] => {
      try {
        const column = this.#ofSaved(name);
        return column === undefined ? [] : [[name, column]];
      } catch (error) {
        // A query that names the field reports the error.
        if (error instanceof QueryError) return [];
        throw error;
      }
    });
    return new Map([...saved, ...this.#calculated]);
  }

  #storedField(name: string): Field | undefined {
    return name === this.#root?.name ? this.#root : this.#fields.get(name);
  }

  #stored(name: string): Column | undefined {
    const field = this.#storedField(name);
    return field && { sql: field.sql, type: field.type, finite: isProtectedField(name) };
  }

  /**
   * The column of a name to group by. The column may belong to the row's root or parent.
   * @throws QueryError as resolve does
   */
  resolveGroup(name: string, at: string): Column {
    const relational = this.relationOf(name);
    if (relational === undefined) return this.resolve(name, at);
    return this.related.column(relational.relation, this.resolve(relational.field, at), at);
  }

  /** The relation of a filter's column; undefined when the row itself has a column of this name. */
  relationOf(name: string): ReturnType<typeof relationOf> {
    return this.#has(name) ? undefined : relationOf(name);
  }

  /** Names of the conventions with the same meaning that spans have. */
  #otherNames(name: string): string {
    const others = equalNames(name).filter((other) => other !== name && this.#has(other));
    return others.length === 0 ? '' : `, but spans have ${others.join(' and ')}, which means the same`;
  }

  /** The reason that there is no column with a name. */
  #missing(name: string): { readonly description: string; readonly code: 'unsupported' | 'invalid' } {
    const quoted = JSON.stringify(name);
    const [problem] = this.#saved.problems;
    if (relationOf(name) !== undefined)
      return {
        description: `relational fields such as ${quoted} can only be filtered and grouped by, as in Honeycomb`,
        code: 'unsupported',
      };
    return problem === undefined
      ? {
          description: `unknown column ${quoted}: no span has had it yet${this.#otherNames(name)}`,
          code: 'invalid',
        }
      : {
          description: `no span has had ${quoted}; if it is a saved calculated field, put right its file first: ${problem}`,
          code: 'invalid',
        };
  }
}
