import type { RE2JS } from 're2js';
import { isProtectedField } from '../../fields/core-fields.ts';
import type { FieldType } from '../../fields/field-type.ts';
import type { Recording, Value } from '../recording.ts';

/** A condition of OTTL that is made of comparisons, IsMatch, and, or, not. */
export interface Condition {
  readonly fields: readonly string[];
  /** @returns the test of a row of the recording */
  of(recording: Recording): (row: number) => boolean;
}

/** A value of a row, or a literal. Undefined is nil. */
type Read = (recording: Recording) => (row: number) => Typed | undefined;
interface Typed {
  readonly type: FieldType;
  readonly value: Value;
}
type Test = (recording: Recording) => (row: number) => boolean;

/** A longer condition is refused. */
const MOST_CHARACTERS = 10_000;
const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_][\w.]*)|(==|!=|<=|>=|[<>()[\],-]))/uy;
const ENUMS: Readonly<Record<string, Typed>> = {
  STATUS_CODE_UNSET: { type: 'integer', value: 0 },
  STATUS_CODE_OK: { type: 'integer', value: 1 },
  STATUS_CODE_ERROR: { type: 'integer', value: 2 },
  SPAN_KIND_UNSPECIFIED: { type: 'string', value: 'unspecified' },
  SPAN_KIND_INTERNAL: { type: 'string', value: 'internal' },
  SPAN_KIND_SERVER: { type: 'string', value: 'server' },
  SPAN_KIND_CLIENT: { type: 'string', value: 'client' },
  SPAN_KIND_PRODUCER: { type: 'string', value: 'producer' },
  SPAN_KIND_CONSUMER: { type: 'string', value: 'consumer' },
};
/** Paths of a span that a field of the explorer holds. */
const PATHS: Readonly<Record<string, string>> = {
  name: 'name',
  kind: 'span.kind',
  'status.code': 'status_code',
  'status.message': 'status_message',
  trace_state: 'trace.trace_state',
};

/**
 * Parses a condition.
 * @returns why the condition is not modelled, as a text, for anything else than comparisons
 */
export function parseCondition(
  text: string,
  on: 'span' | 'spanevent',
  compile: (pattern: string) => RE2JS | undefined,
): Condition | string {
  try {
    return new Parser(text, on, compile).condition();
  } catch (error) {
    if (error instanceof NotModelled) return error.message;
    throw error;
  }
}

class NotModelled extends Error {}

class Parser {
  readonly #tokens: readonly string[];
  readonly #on: 'span' | 'spanevent';
  readonly #compile: (pattern: string) => RE2JS | undefined;
  readonly #fields = new Set<string>();
  #at = 0;
  #depth = 0;

  constructor(text: string, on: 'span' | 'spanevent', compile: (pattern: string) => RE2JS | undefined) {
    this.#tokens = tokensOf(text);
    this.#on = on;
    this.#compile = compile;
  }

  condition(): Condition {
    const of = this.#or();
    if (this.#at < this.#tokens.length) throw new NotModelled(this.#tokens[this.#at]);
    return { fields: [...this.#fields], of };
  }

  #or(): Test {
    const parts = [this.#and()];
    while (this.#takes('or')) parts.push(this.#and());
    return joined(parts, (tests) => (row) => tests.some((test) => test(row)));
  }

  #and(): Test {
    const parts = [this.#term()];
    while (this.#takes('and')) parts.push(this.#term());
    return joined(parts, (tests) => (row) => tests.every((test) => test(row)));
  }

  #term(): Test {
    if (++this.#depth > 50) throw new NotModelled('nested deeper than 50');
    const test = this.#innerTerm();
    this.#depth--;
    return test;
  }

  #innerTerm(): Test {
    if (this.#takes('not')) {
      const inner = this.#term();
      return joined(
        [inner],
        ([test]) =>
          (row) =>
            test?.(row) === false,
      );
    }
    if (this.#takes('(')) {
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    if (this.#takes('IsMatch')) return this.#isMatch();
    const left = this.#value();
    const operator = this.#tokens[this.#at++] ?? 'its end';
    if (!Object.hasOwn(OPERATORS, operator)) throw new NotModelled(operator);
    const right = this.#value();
    const fulfils = OPERATORS[operator];
    return (recording) => {
      const [a, b] = [left(recording), right(recording)];
      return (row) => {
        const [x, y] = [a(row), b(row)];
        const order = compare(x, y);
        return order === undefined ? operator === '!=' : fulfils?.(order) === true;
      };
    };
  }

  #isMatch(): Test {
    this.#expect('(');
    const value = this.#value();
    this.#expect(',');
    const text = this.#tokens[this.#at++] ?? '';
    const pattern = text.startsWith('"') ? this.#compile(unquoted(text)) : undefined;
    if (pattern === undefined) throw new NotModelled(`IsMatch with ${text}`);
    this.#expect(')');
    return (recording) => {
      const read = value(recording);
      return (row) => {
        const found = read(row);
        return found !== undefined && pattern.test(String(found.value));
      };
    };
  }

  #value(): Read {
    const token = this.#tokens[this.#at++] ?? 'its end';
    const literal = literalOf(token);
    if (literal !== undefined) return () => () => literal.value;
    if (this.#on === 'span' && /^(?:span\.)?end_time_unix_nano$/u.test(token)) return this.#duration();
    const field = this.#path(token);
    this.#fields.add(field);
    return (recording) => {
      const type = recording.columns.get(field)?.type ?? 'string';
      const read = recording.reader(field);
      return (row) => {
        const value = read(row);
        return value === undefined ? undefined : { type, value };
      };
    };
  }

  /** `end_time_unix_nano - start_time_unix_nano`: of times, only this difference is read. */
  #duration(): Read {
    this.#expect('-');
    const token = this.#tokens[this.#at++] ?? 'its end';
    if (!/^(?:span\.)?start_time_unix_nano$/u.test(token)) throw new NotModelled(token);
    return ({ rows: { start, arrival } }) =>
      (row) => ({ type: 'integer', value: (arrival[row] ?? 0) - (start[row] ?? 0) });
  }

  /** The field of a path such as `attributes["key"]`, `span.name`. */
  #path(token: string): string {
    const own = token.startsWith(`${this.#on}.`) ? token.slice(this.#on.length + 1) : token;
    if (own === 'attributes' || own === 'resource.attributes') {
      this.#expect('[');
      const key = this.#tokens[this.#at++] ?? '';
      if (!key.startsWith('"')) throw new NotModelled(key);
      this.#expect(']');
      const name = unquoted(key);
      return isProtectedField(name) ? `attribute.${name}` : name;
    }
    const isKnown = this.#on === 'span' ? Object.hasOwn(PATHS, own) : own === 'name';
    if (!isKnown) throw new NotModelled(token);
    return PATHS[own] ?? own;
  }

  #takes(token: string): boolean {
    const takes = this.#tokens[this.#at] === token;
    if (takes) this.#at++;
    return takes;
  }

  #expect(token: string): void {
    if (!this.#takes(token)) throw new NotModelled(this.#tokens[this.#at] ?? 'its end');
  }
}

const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** The order of two values. Undefined for values that OTTL does not compare: only `!=` is true of such values. */
function compare(a: Typed | undefined, b: Typed | undefined): number | undefined {
  if (a === undefined || b === undefined) return a === b ? 0 : undefined;
  if (isNumber(a) !== isNumber(b) || (!isNumber(a) && a.type !== b.type)) return undefined;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

function isNumber({ type }: Typed): boolean {
  return type === 'integer' || type === 'float';
}

function joined(
  parts: readonly Test[],
  join: (tests: readonly ((row: number) => boolean)[]) => (row: number) => boolean,
): Test {
  return (recording) => join(parts.map((part) => part(recording)));
}

function literalOf(token: string): { readonly value: Typed | undefined } | undefined {
  if (token === 'nil') return { value: undefined };
  if (token === 'true' || token === 'false') return { value: { type: 'boolean', value: token === 'true' } };
  if (token.startsWith('"')) return { value: { type: 'string', value: unquoted(token) } };
  if (/^-?\d/u.test(token))
    return { value: { type: /^-?\d+$/u.test(token) ? 'integer' : 'float', value: Number(token) } };
  return Object.hasOwn(ENUMS, token) ? { value: ENUMS[token] } : undefined;
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
