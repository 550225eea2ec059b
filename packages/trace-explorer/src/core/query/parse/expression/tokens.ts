export interface Token {
  readonly kind: 'column' | 'string' | 'number' | 'word' | 'symbol' | 'end';
  /** The column's name, the string's contents, or the text as written. */
  readonly text: string;
  /** Character position in the expression. */
  readonly at: number;
}

/** Thrown for an unreadable expression; `at` is the character where reading stopped. */
export class ExpressionError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(`${message} (at character ${at + 1})`);
    this.name = 'ExpressionError';
    this.at = at;
  }
}

/**
 * The tokens of Honeycomb's grammar (HCDC.g4), in the order of the attempts to match. The pattern is sticky, so that each match
 * starts at the end of the last one. A column's name includes operators: `$duration_ms/1000` is one column.
 */
const TOKEN = new RegExp(
  [
    String.raw`\p{White_Space}+`,
    // A name in quotes is a separate token. White space may stand before the name.
    String.raw`(?<quoted>\$\p{White_Space}*"(?:[^"\\\n]|\\.)*")`,
    '(?<rawColumn>\\$\\p{White_Space}*`[^`]*`)',
    String.raw`(?<column>\$[\p{Letter}\p{Nd}_./:=+?-]+)`,
    String.raw`(?<string>"(?:[^"\\\n]|\\.)*")`,
    '(?<raw>`[^`]*`)',
    String.raw`(?<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)`,
    '(?<word>[A-Za-z][A-Za-z0-9_]+)',
    '(?<symbol>!=|<=|>=|[-+*/%=<>!(),])',
  ].join('|'),
  'yu',
);

/** Splits an expression of Honeycomb's calculated fields into tokens. The last token is of kind `end`. */
export function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < expression.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(expression);
    if (!match?.groups)
      throw new ExpressionError(`${JSON.stringify(expression.slice(at, at + 10))} is not understood`, at);
    const { quoted, rawColumn, column, string, raw, number, word, symbol } = match.groups;
    if (quoted !== undefined) tokens.push({ kind: 'column', text: unquoted(quoted.slice(1).trim(), at), at });
    else if (rawColumn !== undefined)
      tokens.push({ kind: 'column', text: rawColumn.slice(1).trim().slice(1, -1), at });
    else if (column !== undefined) tokens.push({ kind: 'column', text: column.slice(1), at });
    else if (string !== undefined) tokens.push({ kind: 'string', text: unquoted(string, at), at });
    else if (raw !== undefined) tokens.push({ kind: 'string', text: raw.slice(1, -1), at });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, at });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, at });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, at });
    at = TOKEN.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
}

/** Escapes of Go's strings: bytes in hexadecimal or octal, code points, and single characters. */
const ESCAPE = /((?:\\x[\da-fA-F]{2}|\\[0-3][0-7]{2})+)|\\u([\da-fA-F]{4})|\\U([\da-fA-F]{8})|\\(.)/gsu;
const CHARACTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: '\x07',
    b: '\b',
    f: '\f',
    n: '\n',
    r: '\r',
    t: '\t',
    v: '\v',
    '\\': '\\',
    '"': '"',
    '/': '/',
  }),
);

/** The contents of a text in double quotes, by the escapes of Go. Control characters may stand in the text unescaped. */
function unquoted(text: string, at: number): string {
  const unknown = () => {
    const advice = 'in back quotes a text has no escapes';
    return new ExpressionError(`${text} has an unknown escape; ${advice}`, at);
  };
  const content = text.slice(1, -1).replace(ESCAPE, (_, bytes, unit, point, character) => {
    if (bytes !== undefined) return textOfBytes(bytes);
    if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16));
    const code = point === undefined ? undefined : Number.parseInt(point, 16);
    if (code !== undefined && code > 0x10ffff) throw unknown();
    const known = code === undefined ? CHARACTERS.get(character) : String.fromCodePoint(code);
    if (known === undefined) throw unknown();
    return known;
  });
  return content.toWellFormed();
}

/** The text in UTF-8 of bytes such as `\xc3\xa4` or `\303\244`. */
function textOfBytes(escapes: string): string {
  const bytes = escapes
    .split('\\')
    .slice(1)
    .map((each) => (each.startsWith('x') ? Number.parseInt(each.slice(1), 16) : Number.parseInt(each, 8)));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
