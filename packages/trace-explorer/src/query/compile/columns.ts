import { isProtectedField } from '../../fields/core-fields.ts';
import type { Field } from '../../store/store.ts';
import { invalid, QueryError } from '../parse/query-error.ts';
import type { QuerySpec } from '../parse/query-spec.ts';
import { relationOf } from '../parse/relation.ts';
import type { SavedFields } from '../parse/saved-fields.ts';
import { NO_SAVED_FIELDS } from '../parse/saved-fields.ts';
import type { Binder } from './binder.ts';
import type { Column } from './column.ts';
import { compileExpression } from './expression/compile.ts';
import type { Expression } from './expression/parse.ts';
import { parseExpression } from './expression/parse.ts';
import { ExpressionError } from './expression/tokens.ts';
import { RelatedSpans } from './related-spans.ts';

/** Calculated fields, of the query and saved ones. */
type OwnColumns = Pick<QuerySpec, 'calculated_fields' | 'saved'>;

/**
 * The columns a query can name: its own calculated fields first, then those that are saved, then the store's. A calculated
 * field may use those before it, and the saved ones; saved ones know nothing of a query's own.
 */
export class Columns {
  readonly #fields: ReadonlyMap<string, Field>;
  readonly #saved: SavedFields;
  readonly #binder: Pick<Binder, 'bind'>;
  readonly #calculated = new Map<string, Column>();
  /** Saved fields, once something named them. */
  readonly #compiled = new Map<string, Column>();
  readonly related: RelatedSpans;

  /** @throws QueryError that quotes the mistake in an expression */
  constructor(
    fields: ReadonlyMap<string, Field>,
    { calculated_fields: calculated, saved = NO_SAVED_FIELDS }: OwnColumns,
    binder: Pick<Binder, 'bind'>,
  ) {
    this.#fields = fields;
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

  /** @throws what `refusal` makes of the mistake in the expression */
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

  /** @throws QueryError that names the file, where the field cannot be used */
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
   * There is no column of a name in an expression, where operators without a space before them are part of the name.
   * @param position character of the expression, for the error
   * @throws ExpressionError with both readings, when only the name before the operator is one
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
    return this.#calculated.has(name) || this.#saved.fields.has(name) || this.#fields.has(name);
  }

  /**
   * The column of a name.
   * @param at the place in the specification that names the column
   * @throws QueryError that names it, when no span has had it
   */
  resolve(name: string, at: string): Column {
    const column = this.find(name);
    if (column !== undefined) return column;
    const { description, code } = this.#missing(name);
    throw invalid(at, description, code);
  }

  /** The column of a name, where there is one. @throws QueryError for a saved field that cannot be used */
  find(name: string): Column | undefined {
    return this.#calculated.get(name) ?? this.#ofSaved(name) ?? this.#stored(name);
  }

  /** Calculated fields by name, the query's own and those saved ones that can be used, as `find` finds them. */
  calculated(): ReadonlyMap<string, Column> {
    const saved = [...this.#saved.fields.keys()].flatMap((name): [string, Column][] => {
      try {
        const column = this.#ofSaved(name);
        return column === undefined ? [] : [[name, column]];
      } catch (error) {
        // Said where it is named.
        if (error instanceof QueryError) return [];
        throw error;
      }
    });
    return new Map([...saved, ...this.#calculated]);
  }

  #stored(name: string): Column | undefined {
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

  /** Why there is no column of a name. */
  #missing(name: string): { readonly description: string; readonly code: 'unsupported' | 'invalid' } {
    const quoted = JSON.stringify(name);
    const [problem] = this.#saved.problems;
    if (relationOf(name) !== undefined)
      return {
        description: `relational fields such as ${quoted} can only be filtered and grouped by, as in Honeycomb`,
        code: 'unsupported',
      };
    return problem === undefined
      ? { description: `unknown column ${quoted}: no span has had it yet`, code: 'invalid' }
      : {
          description: `no span has had ${quoted}; if it is a saved calculated field, put right its file first: ${problem}`,
          code: 'invalid',
        };
  }
}
