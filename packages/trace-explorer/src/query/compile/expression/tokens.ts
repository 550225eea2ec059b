export interface Token {
  readonly kind: 'column' | 'string' | 'number' | 'word' | 'symbol' | 'end';
  /** The column's name, the string's contents, or the text as written. */
  readonly text: string;
  /** Character position in the expression. */
  readonly at: number;
}

/** Thrown for an expression that cannot be read; `at` is the character where reading stopped. */
export class ExpressionError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(`${message} (at character ${at + 1})`);
    this.name = 'ExpressionError';
    this.at = at;
  }
}

/** Alternatives in the order they are tried; sticky, so that each match starts where the last one ended. */
const TOKEN = new RegExp(
  [
    String.raw`\s+`,
    String.raw`\$(?<quoted>"(?:[^"\\\n]|\\.)*")`,
    String.raw`\$(?<column>[A-Za-z0-9_.]+)`,
    String.raw`(?<string>"(?:[^"\\\n]|\\.)*")`,
    '`(?<raw>[^`]*)`',
    String.raw`(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)`,
    '(?<word>[A-Za-z_][A-Za-z0-9_]*)',
    '(?<symbol>!=|<=|>=|[-+*/%=<>!(),])',
  ].join('|'),
  'yu',
);

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** Splits an expression of Honeycomb's calculated fields into tokens; the last one is of kind `end`. */
export function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < expression.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(expression);
    if (!match?.groups)
      throw new ExpressionError(`${JSON.stringify(expression.slice(at, at + 10))} is not understood`, at);
    const { quoted, column, string, raw, number, word, symbol } = match.groups;
    if (quoted !== undefined) tokens.push({ kind: 'column', text: unquote(quoted), at });
    else if (column !== undefined) tokens.push({ kind: 'column', text: column, at });
    else if (string !== undefined) tokens.push({ kind: 'string', text: unquote(string), at });
    else if (raw !== undefined) tokens.push({ kind: 'string', text: raw, at });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, at });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, at });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, at });
    at = TOKEN.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gsu, (_, escaped: string) => ESCAPES[escaped] ?? escaped);
}
