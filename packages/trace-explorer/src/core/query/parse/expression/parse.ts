import type { Token } from './tokens.ts';
import { ExpressionError, tokenize } from './tokens.ts';

export type Expression =
  | {
      readonly kind: 'literal';
      readonly value: string | number | bigint | boolean | null;
      readonly at: number;
    }
  | { readonly kind: 'column'; readonly name: string; readonly at: number }
  | { readonly kind: 'call'; readonly fn: string; readonly args: readonly Expression[]; readonly at: number };

/** Longest expression, in characters. The parser does not read a longer one. */
const MAX_LENGTH = 10_000;
/** Deepest nesting. The parser and the compiler are recursive, and this limit keeps them from overflowing the stack. */
const MAX_DEPTH = 64;

/**
 * Infix operators from loosest to tightest, each with the function that it stands for. The order is that of Honeycomb's grammar
 * (HCDC.g4), where `-` binds tighter than `+`, and `<` tighter than `=`.
 */
const LEVELS: readonly Readonly<Record<string, string>>[] = [
  { OR: 'OR' },
  { AND: 'AND' },
  { '=': 'EQUALS', '!=': '!=' },
  { '<': 'LT', '<=': 'LTE', '>': 'GT', '>=': 'GTE' },
  { '+': 'SUM' },
  { '-': 'SUB' },
  { '*': 'MUL', '/': 'DIV', '%': 'MOD' },
];

/**
 * Reads an expression of Honeycomb's calculated fields, by Honeycomb's grammar: `$columns`, literals, function calls and infix
 * operators. An infix operator becomes a call of its function.
 * @throws ExpressionError
 */
export function parseExpression(text: string): Expression {
  if (text.length > MAX_LENGTH)
    throw new ExpressionError(`is longer than ${MAX_LENGTH} characters`, MAX_LENGTH);
  const parser = new Parser(tokenize(text));
  const expression = parser.infix(0, 0);
  parser.expect('end', '');
  return expression;
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  expect(kind: Token['kind'], text: string): void {
    const token = this.#peek();
    if (token.kind !== kind || (text !== '' && token.text !== text)) {
      const wanted = text === '' ? 'the end of the expression' : JSON.stringify(text);
      throw new ExpressionError(`expected ${wanted}, found ${describe(token)}`, token.at);
    }
    this.#next++;
  }

  infix(level: number, depth: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#prefix(depth);
    let left = this.infix(level + 1, depth);
    for (let chained = 1; ; chained++) {
      const token = this.#peek();
      const isOperator =
        (token.kind === 'symbol' || token.kind === 'word') && Object.hasOwn(operators, token.text);
      const fn = isOperator ? operators[token.text] : undefined;
      if (fn === undefined) return left;
      // Each further operand nests the operands before it.
      this.#checkDepth(depth + chained, token);
      this.#next++;
      left = { kind: 'call', fn, args: [left, this.infix(level + 1, depth + 1)], at: token.at };
    }
  }

  #prefix(depth: number): Expression {
    const token = this.#take();
    this.#checkDepth(depth, token);
    switch (token.kind) {
      case 'column':
        return { kind: 'column', name: token.text, at: token.at };
      case 'string':
        return { kind: 'literal', value: token.text, at: token.at };
      case 'number':
        return { kind: 'literal', value: numberOf(token, ''), at: token.at };
      case 'word':
        return this.#word(token, depth);
      default:
        return this.#symbol(token, depth);
    }
  }

  #word(token: Token, depth: number): Expression {
    if (token.text === 'true' || token.text === 'false') {
      return { kind: 'literal', value: token.text === 'true', at: token.at };
    }
    if (token.text === 'null') return { kind: 'literal', value: null, at: token.at };
    if (!this.#isNext('('))
      throw new ExpressionError(`${describe(token)} is not a value; write a column as $name`, token.at);
    this.#next++;
    const args: Expression[] = [];
    while (!this.#isNext(')')) {
      args.push(this.infix(0, depth + 1));
      // A comma may follow the last argument.
      if (!this.#isNext(')')) this.expect('symbol', ',');
    }
    this.#next++;
    return { kind: 'call', fn: token.text, args, at: token.at };
  }

  #symbol(token: Token, depth: number): Expression {
    if (token.text === '(') {
      const inner = this.infix(0, depth + 1);
      this.expect('symbol', ')');
      return inner;
    }
    if (token.text === '!') return { kind: 'call', fn: 'NOT', args: [this.#prefix(depth + 1)], at: token.at };
    if (token.text === '-') {
      const operand = this.#take();
      if (operand.kind === 'number') return { kind: 'literal', value: numberOf(operand, '-'), at: token.at };
      throw new ExpressionError('a minus sign stands before numbers only; write 0 - … instead', token.at);
    }
    throw new ExpressionError(`expected a value, found ${describe(token)}`, token.at);
  }

  #checkDepth(depth: number, token: Token): void {
    if (depth > MAX_DEPTH) throw new ExpressionError(`is nested deeper than ${MAX_DEPTH} levels`, token.at);
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: 0 };
  }

  #isNext(symbol: string): boolean {
    const token = this.#peek();
    return token.kind === 'symbol' && token.text === symbol;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }
}

/** An exact integer, or a float. */
function numberOf({ text, at }: Token, sign: '' | '-'): number | bigint {
  if (!/^\d+$/u.test(text)) return Number(sign + text);
  const integer = BigInt(sign + text);
  if (BigInt.asIntN(64, integer) !== integer) throw new ExpressionError(`${text} exceeds 64 bits`, at);
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

function describe(token: Token): string {
  return token.kind === 'end' ? 'the end' : JSON.stringify(token.text);
}
