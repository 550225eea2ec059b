import type { Gathered } from './gathered.ts';
import { fieldOf, literal, matchesSql } from './gathered.ts';

type On = 'span' | 'spanevent';

/** SQL of a value, and its type. Nil is the value of a field that no row has, too. */
interface Value {
  readonly sql: string;
  readonly type: 'text' | 'number' | 'boolean' | 'nil';
}

/** The longest condition. */
const MOST_CHARACTERS = 10_000;
const MOST_DEPTH = 50;
const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_][\w.]*)|(==|!=|<=|>=|[<>()[\],-]))/uy;
const OPERATORS = new Set(['==', '!=', '<', '<=', '>', '>=']);
const number = (sql: string | number): Value => ({ sql: String(sql), type: 'number' });
const LITERALS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['nil', { sql: 'NULL', type: 'nil' }],
  ['true', { sql: 'true', type: 'boolean' }],
  ['false', { sql: 'false', type: 'boolean' }],
  ['STATUS_CODE_UNSET', number(0)],
  ['STATUS_CODE_OK', number(1)],
  ['STATUS_CODE_ERROR', number(2)],
  ...['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'].map(
    (kind) => [`SPAN_KIND_${kind.toUpperCase()}`, { sql: `'${kind}'`, type: 'text' }] as const,
  ),
]);
/** Paths of a span that a field of the explorer holds. */
const PATHS: ReadonlyMap<string, string> = new Map([
  ['name', 'name'],
  ['kind', 'span.kind'],
  ['status.message', 'status_message'],
  ['trace_state', 'trace.trace_state'],
]);
const TYPES = { string: 'text', integer: 'number', float: 'number', boolean: 'boolean' } as const;

class NotModelled extends Error {}

/**
 * Translates a condition of OTTL that is made of comparisons, IsMatch, and, or, not.
 * @returns SQL over one row, or why the condition is not modelled
 */
export function conditionSql(
  text: string,
  on: On,
  gathered: Gathered,
): { readonly sql: string } | { readonly because: string } {
  try {
    const parser = new Parser(text, on, gathered);
    const sql = parser.or(0);
    parser.expectEnd();
    return { sql };
  } catch (error) {
    if (error instanceof NotModelled) return { because: error.message };
    throw error;
  }
}

class Parser {
  readonly #tokens: readonly string[];
  readonly #on: On;
  readonly #gathered: Gathered;
  #at = 0;

  constructor(text: string, on: On, gathered: Gathered) {
    this.#tokens = tokensOf(text);
    this.#on = on;
    this.#gathered = gathered;
  }

  or(depth: number): string {
    const parts = [this.#and(depth)];
    while (this.#takes('or')) parts.push(this.#and(depth));
    return `(${parts.join(' OR ')})`;
  }

  expectEnd(): void {
    if (this.#at < this.#tokens.length) throw new NotModelled(this.#tokens[this.#at]);
  }

  #and(depth: number): string {
    const parts = [this.#term(depth + 1)];
    while (this.#takes('and')) parts.push(this.#term(depth + 1));
    return `(${parts.join(' AND ')})`;
  }

  #term(depth: number): string {
    if (depth > MOST_DEPTH) throw new NotModelled(`nested deeper than ${MOST_DEPTH}`);
    if (this.#takes('not')) return `NOT ${this.#term(depth + 1)}`;
    if (this.#takes('IsMatch')) return this.#isMatch();
    if (!this.#takes('(')) return this.#comparison();
    const inner = this.or(depth);
    this.#expect(')');
    return inner;
  }

  #comparison(): string {
    const left = this.#value();
    const operator = this.#next();
    if (!OPERATORS.has(operator)) throw new NotModelled(operator);
    const right = this.#value();
    const areComparable = left.type === right.type || left.type === 'nil' || right.type === 'nil';
    // OTTL orders no values of two types, and two values that are missing are equal.
    const equal = areComparable
      ? `${left.sql} IS NOT DISTINCT FROM ${right.sql}`
      : `(${left.sql} IS NULL AND ${right.sql} IS NULL)`;
    if (operator === '==') return `(${equal})`;
    if (operator === '!=') return `(NOT (${equal}))`;
    return areComparable ? `coalesce(${left.sql} ${operator} ${right.sql}, false)` : 'false';
  }

  #isMatch(): string {
    this.#expect('(');
    const { sql } = this.#value();
    this.#expect(',');
    const text = this.#next();
    const found = text.startsWith('"') ? matchesSql(`CAST(${sql} AS VARCHAR)`, unquoted(text)) : undefined;
    if (found === undefined) throw new NotModelled(`IsMatch with ${text}`);
    this.#expect(')');
    return found;
  }

  #value(): Value {
    const token = this.#next();
    const known = LITERALS.get(token);
    if (known !== undefined) return known;
    if (token.startsWith('"')) return { sql: literal(unquoted(token)), type: 'text' };
    if (/^[\d-]/u.test(token)) return number(Number(token));
    if (this.#on === 'span' && /^(?:span\.)?end_time_unix_nano$/u.test(token)) return this.#duration();
    return this.#path(token);
  }

  /** `end_time_unix_nano - start_time_unix_nano`: of times, only this difference is read. */
  #duration(): Value {
    this.#expect('-');
    const token = this.#next();
    if (!/^(?:span\.)?start_time_unix_nano$/u.test(token)) throw new NotModelled(token);
    return number('(t_end - t_start)');
  }

  /** A path such as `attributes["key"]`, `span.name`. */
  #path(token: string): Value {
    const own = token.startsWith(`${this.#on}.`) ? token.slice(this.#on.length + 1) : token;
    if (own === 'attributes' || own === 'resource.attributes') {
      this.#expect('[');
      const key = this.#next();
      if (!key.startsWith('"')) throw new NotModelled(key);
      this.#expect(']');
      return this.#field(fieldOf(unquoted(key)));
    }
    if (this.#on === 'span' && own === 'status.code')
      return number(`coalesce(${this.#field('status_code').sql}, 0)`);
    const field = this.#on === 'span' || own === 'name' ? PATHS.get(own) : undefined;
    if (field === undefined) throw new NotModelled(token);
    return this.#field(field);
  }

  #field(name: string): Value {
    const field = this.#gathered.fields.get(name);
    return field === undefined ? { sql: 'NULL', type: 'nil' } : { sql: field.sql, type: TYPES[field.type] };
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? 'its end';
  }

  #takes(token: string): boolean {
    const takes = this.#tokens[this.#at] === token;
    if (takes) this.#at++;
    return takes;
  }

  #expect(token: string): void {
    if (!this.#takes(token)) throw new NotModelled(this.#next());
  }
}

function unquoted(token: string): string {
  return token
    .slice(1, -1)
    .replace(/\\(.)/gu, (_, character: string) => ({ n: '\n', t: '\t' })[character] ?? character);
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  if (text.length > MOST_CHARACTERS) throw new NotModelled(`more than ${MOST_CHARACTERS} characters`);
  TOKEN.lastIndex = 0;
  const length = text.trimEnd().length;
  while (TOKEN.lastIndex < length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new NotModelled(text.slice(from, from + 20).trim());
    tokens.push(match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
  }
  return tokens;
}
