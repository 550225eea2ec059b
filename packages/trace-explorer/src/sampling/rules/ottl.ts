import { isProtectedField } from '../../fields/core-fields.ts';
import type { Recording, Value } from '../recording.ts';
import { COMPARISONS, regexOf } from './operators.ts';

/** A condition of OTTL that is made of comparisons, IsMatch, and, or, not. */
export interface Condition {
  readonly fields: readonly string[];
  readonly of: Test;
}

type On = 'span' | 'spanevent';
/** The test of a row of a recording. */
type Test = (recording: Recording) => (row: number) => boolean;
/** A value of a row, or a literal. Undefined is nil. */
type Read = (recording: Recording) => (row: number) => Value | undefined;

/** A longer condition is refused. */
const MOST_CHARACTERS = 10_000;
const MOST_DEPTH = 50;
const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_][\w.]*)|(==|!=|<=|>=|[<>()[\],-]))/uy;
const LITERALS: ReadonlyMap<string, Value | undefined> = new Map<string, Value | undefined>([
  ['nil', undefined],
  ['true', true],
  ['false', false],
  ['STATUS_CODE_UNSET', 0],
  ['STATUS_CODE_OK', 1],
  ['STATUS_CODE_ERROR', 2],
  ...['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'].map(
    (kind) => [`SPAN_KIND_${kind.toUpperCase()}`, kind] as const,
  ),
]);
/** Paths of a span that a field of the explorer holds. */
const PATHS: ReadonlyMap<string, string> = new Map([
  ['name', 'name'],
  ['kind', 'span.kind'],
  ['status.code', 'status_code'],
  ['status.message', 'status_message'],
  ['trace_state', 'trace.trace_state'],
]);
class NotModelled extends Error {}

/**
 * Parses a condition.
 * @returns why the condition is not modelled, as a text, for anything else than comparisons
 */
export function parseCondition(text: string, on: On): Condition | string {
  try {
    const parser = new Parser(text, on);
    const of = parser.or(0);
    parser.expectEnd();
    return { fields: [...parser.fields], of };
  } catch (error) {
    if (error instanceof NotModelled) return error.message;
    throw error;
  }
}

class Parser {
  readonly fields = new Set<string>();
  readonly #tokens: readonly string[];
  readonly #on: On;
  #at = 0;

  constructor(text: string, on: On) {
    this.#tokens = tokensOf(text);
    this.#on = on;
  }

  or(depth: number): Test {
    const parts = [this.#and(depth)];
    while (this.#takes('or')) parts.push(this.#and(depth));
    return joined(parts, (tests) => (row) => tests.some((test) => test(row)));
  }

  expectEnd(): void {
    if (this.#at < this.#tokens.length) throw new NotModelled(this.#tokens[this.#at]);
  }

  #and(depth: number): Test {
    const parts = [this.#term(depth + 1)];
    while (this.#takes('and')) parts.push(this.#term(depth + 1));
    return joined(parts, (tests) => (row) => tests.every((test) => test(row)));
  }

  #term(depth: number): Test {
    if (depth > MOST_DEPTH) throw new NotModelled(`nested deeper than ${MOST_DEPTH}`);
    if (this.#takes('not')) {
      const inner = this.#term(depth + 1);
      return joined([inner], (tests) => (row) => !tests.some((test) => test(row)));
    }
    if (this.#takes('(')) {
      const inner = this.or(depth);
      this.#expect(')');
      return inner;
    }
    return this.#takes('IsMatch') ? this.#isMatch() : this.#comparison();
  }

  #comparison(): Test {
    const left = this.#value();
    const operator = this.#next();
    const fulfils = COMPARISONS.get(operator === '==' ? '=' : operator);
    if (fulfils === undefined) throw new NotModelled(operator);
    const right = this.#value();
    return (recording) => {
      const [a, b] = [left(recording), right(recording)];
      return (row) => {
        const order = compare(a(row), b(row));
        return order === undefined ? operator === '!=' : fulfils(order);
      };
    };
  }

  #isMatch(): Test {
    this.#expect('(');
    const value = this.#value();
    this.#expect(',');
    const text = this.#next();
    const pattern = text.startsWith('"') ? regexOf(unquoted(text)) : undefined;
    if (pattern === undefined) throw new NotModelled(`IsMatch with ${text}`);
    this.#expect(')');
    return (recording) => {
      const read = value(recording);
      return (row) => {
        const found = read(row);
        return found !== undefined && pattern.test(String(found));
      };
    };
  }

  #value(): Read {
    const token = this.#next();
    if (LITERALS.has(token)) return () => () => LITERALS.get(token);
    if (/^["\d-]/u.test(token)) {
      const literal = token.startsWith('"') ? unquoted(token) : Number(token);
      return () => () => literal;
    }
    if (this.#on === 'span' && /^(?:span\.)?end_time_unix_nano$/u.test(token)) return this.#duration();
    const field = this.#path(token);
    this.fields.add(field);
    return (recording) => recording.reader(field);
  }

  /** `end_time_unix_nano - start_time_unix_nano`: of times, only this difference is read. */
  #duration(): Read {
    this.#expect('-');
    const token = this.#next();
    if (!/^(?:span\.)?start_time_unix_nano$/u.test(token)) throw new NotModelled(token);
    return ({ rows: { start, arrival } }) =>
      (row) =>
        (arrival[row] ?? 0) - (start[row] ?? 0);
  }

  /** The field of a path such as `attributes["key"]`, `span.name`. */
  #path(token: string): string {
    const own = token.startsWith(`${this.#on}.`) ? token.slice(this.#on.length + 1) : token;
    if (own === 'attributes' || own === 'resource.attributes') {
      this.#expect('[');
      const key = this.#next();
      if (!key.startsWith('"')) throw new NotModelled(key);
      this.#expect(']');
      const name = unquoted(key);
      return isProtectedField(name) ? `attribute.${name}` : name;
    }
    const field = this.#on === 'span' || own === 'name' ? PATHS.get(own) : undefined;
    if (field === undefined) throw new NotModelled(token);
    return field;
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

/** The order of two values. Undefined for values that OTTL does not compare: only `!=` is true of such values. */
function compare(a: Value | undefined, b: Value | undefined): number | undefined {
  if (a === undefined || b === undefined) return a === b ? 0 : undefined;
  if (typeof a !== typeof b && !(isNumber(a) && isNumber(b))) return undefined;
  return a < b ? -1 : a > b ? 1 : 0;
}

function isNumber(value: Value): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

type OfRow = ReturnType<Test>;

function joined(parts: readonly Test[], join: (tests: readonly OfRow[]) => OfRow): Test {
  return (recording) => join(parts.map((part) => part(recording)));
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
