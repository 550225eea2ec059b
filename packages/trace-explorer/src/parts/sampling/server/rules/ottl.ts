import type { Gathered, Value } from './gathered.ts';
import { areComparable, fieldOf, literal, matchesSql, printedSql } from './gathered.ts';

type On = 'span' | 'spanevent';

/** The longest condition. */
const MOST_CHARACTERS = 10_000;
/** Times that a condition is made simpler until one value is left. */
const MOST_DEPTH = 100;
const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
const NUMBER = String.raw`-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?`;
const DURATION = String.raw`(?:span\.)?end_time_unix_nano\s*-\s*(?:span\.)?start_time_unix_nano`;
const PATH = String.raw`[A-Za-z_][\w.]*(?:\s*\[\s*${TEXT}\s*\])?`;
const IS_DURATION = new RegExp(`^${DURATION}$`, 'u');
const VALUE = `(${TEXT}|${NUMBER}|${DURATION}|${PATH})`;
/** A word that joins conditions, IsMatch, or a comparison. */
const PART = new RegExp(
  String.raw`\s*(?:(and\b|or\b|not\b|[()])|IsMatch\s*\(\s*${VALUE}\s*,\s*(${TEXT})\s*\)|${VALUE}\s*(==|!=|<=|>=|<|>)\s*${VALUE})`,
  'uy',
);
const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const LITERALS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['nil', { sql: 'NULL', type: 'nil' }],
  ['true', { sql: 'true', type: 'boolean' }],
  ['false', { sql: 'false', type: 'boolean' }],
  ...['UNSET', 'OK', 'ERROR'].map(
    (code, number) => [`STATUS_CODE_${code}`, { sql: String(number), type: 'integer' }] as const,
  ),
  ...KINDS.map(
    (kind, number) => [`SPAN_KIND_${kind.toUpperCase()}`, { sql: String(number), type: 'integer' }] as const,
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
/** Paths that are numbers in OTTL. */
const NUMBERS: ReadonlyMap<string, (sql: string) => string> = new Map([
  ['kind', (sql) => `(list_position([${KINDS.map((kind) => `'${kind}'`).join()}], ${sql}) - 1)`],
  ['status.code', (sql) => `coalesce(${sql}, 0)`],
]);

class NotModelled extends Error {}

/**
 * Translates a condition of OTTL that is made of comparisons, IsMatch, and, or, not. SQL binds these three words as OTTL does.
 * @returns SQL over one row, or why the condition is not modelled
 */
export function conditionSql(
  text: string,
  on: On,
  gathered: Gathered,
): { readonly sql: string } | { readonly because: string } {
  try {
    if (text.length > MOST_CHARACTERS) throw new NotModelled(`more than ${MOST_CHARACTERS} characters`);
    const value = (text: string) => readValue(text, on, gathered);
    const { length } = text.trimEnd();
    const parts: string[] = [];
    let words = '';
    PART.lastIndex = 0;
    for (let at = 0; at < length; at = PART.lastIndex) {
      const [, word, matched, pattern = '', left = '', operator = '', right = ''] = PART.exec(text) ?? [];
      if (PART.lastIndex === 0) throw new NotModelled(text.slice(at, at + 40).trim());
      words += ` ${word ?? 'x'}`;
      if (word !== undefined) parts.push(word);
      else if (matched !== undefined) parts.push(isMatch(value(matched), pattern));
      else parts.push(comparison(value(left), operator, value(right)));
    }
    if (!isCondition(words.trim())) throw new NotModelled(text.slice(0, 40));
    return { sql: `(${parts.join(' ')})` };
  } catch (error) {
    if (error instanceof NotModelled) return { because: error.message };
    throw error;
  }
}

/** Whether words, with an x for each comparison, make one condition. */
function isCondition(words: string): boolean {
  let left = words;
  for (let depth = 0; depth < MOST_DEPTH && left !== 'x'; depth++)
    left = left.replace(/not x|\( x \)|x and x|x or x/gu, 'x');
  return left === 'x';
}

function comparison(left: Value, operator: string, right: Value): string {
  const fit = areComparable(left, right) || left.type === 'nil' || right.type === 'nil';
  // OTTL orders no values of two types, and two values that are missing are equal.
  const equal = fit
    ? `${left.sql} IS NOT DISTINCT FROM ${right.sql}`
    : `(${left.sql} IS NULL AND ${right.sql} IS NULL)`;
  if (operator === '==') return `(${equal})`;
  if (operator === '!=') return `(NOT (${equal}))`;
  return fit ? `coalesce(${left.sql} ${operator} ${right.sql}, false)` : 'false';
}

function isMatch(value: Value, pattern: string): string {
  const matches = matchesSql(printedSql(value), unquoted(pattern));
  if (matches === undefined) throw new NotModelled(`IsMatch with ${pattern}`);
  return matches;
}

/** The SQL of a literal, of a span's duration, or of a path such as `attributes["key"]` and `span.name`. */
function readValue(text: string, on: On, { fields }: Gathered): Value {
  const known = LITERALS.get(text);
  if (known !== undefined) return known;
  if (text.startsWith('"')) return { sql: literal(unquoted(text)), type: 'string' };
  if (/^[\d-]/u.test(text)) return { sql: literal(Number(text)), type: 'float' };
  if (on === 'span' && IS_DURATION.test(text)) return { sql: '(t_end - t_start)', type: 'float' };
  const own = text.startsWith(`${on}.`) ? text.slice(on.length + 1) : text;
  const [, key] = /^(?:resource\.)?attributes\s*\[\s*(".*")\s*\]$/su.exec(own) ?? [];
  const path = on === 'span' || own === 'name' ? PATHS.get(own) : undefined;
  const name = key === undefined ? path : fieldOf(unquoted(key));
  if (name === undefined) throw new NotModelled(text);
  const field = fields.get(name) ?? { sql: 'NULL', type: 'nil' };
  const asNumber = NUMBERS.get(own);
  return asNumber === undefined ? field : { sql: asNumber(field.sql), type: 'integer' };
}

function unquoted(token: string): string {
  return token
    .slice(1, -1)
    .replace(/\\(.)/gu, (_, character: string) => ({ n: '\n', t: '\t' })[character] ?? character);
}
