import { sqlText } from '../../../lib/text/sql-text.ts';

/** Most characters of a message, and of a name, that tell causes apart. */
const LONGEST = 300;

const QUOTED = ['"[^"]{1,200}"', '`[^`]{1,200}`', String.raw`\B'[^']{1,200}'\B`, '[“«][^”»]{1,200}[”»]'];
const URL = '[a-z][a-z0-9+.-]{0,20}://[^ \\t\\r\\n"\'`<>]+';
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}';
const DATE = `(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?(?:[0-9]{1,2} )?${MONTH} [0-9][0-9:.,]*`;
/** A word with a digit, `/`, `@` or `\`: numbers, ids, hex, paths, addresses of mail and hosts, dates. */
const WORD = '[^ \\t\\r\\n"\'`(),;=<>{}\\[\\]]*[\\p{Nd}/@\\\\][^ \\t\\r\\n"\'`(),;=<>{}\\[\\]]*';
const HEX = String.raw`\b[0-9a-fA-F]{8,}\b`;

/** The parts of a message that differ from request to request. A pattern of RE2 and, with flag `u`, of JavaScript. */
const VARIABLE = [...QUOTED, URL, DATE, WORD, HEX].join('|');
/** Variable parts beside each other: `1, 2 and …` of a list, or `1,200`. */
const BESIDE = '…(?:[ ,;:|.-]{0,2}…)+';

/** SQL of `messageShape`. */
export function messageShapeSql(message: string): string {
  const shape = `regexp_replace(substr(${message}, 1, ${LONGEST}), ${sqlText(VARIABLE)}, '…', 'g')`;
  return `regexp_replace(${shape}, '${BESIDE}', '…', 'g')`;
}

/**
 * A message without its variable parts, which become `…`. Equal faults have equal shapes. The text is bounded, so that words
 * without an end cost no more than linear time.
 * @example messageShape('order 7 of user "ann" not found') // 'order … of user … not found'
 */
export function messageShape(message: string): string {
  const [variable, beside] = [new RegExp(VARIABLE, 'gu'), new RegExp(BESIDE, 'gu')];
  return cutKey(message).replace(variable, '…').replace(beside, '…');
}

/** A message in its parts: every second one is variable, as in `messageShape`. */
export function messageParts(message: string): readonly string[] {
  return cutKey(message).split(new RegExp(`(${VARIABLE})`, 'u'));
}

/** What two messages of one shape both say: a variable part that differs becomes `…`. Where the other parts differ, too, all do. */
export function alikeParts(one: readonly string[], other: readonly string[]): readonly string[] {
  const isAligned =
    one.length === other.length && one.every((part, at) => at % 2 === 1 || part === other[at]);
  return one.map((part, at) => (at % 2 === 0 || (isAligned && part === other[at]) ? part : '…'));
}

/** The text of such parts. @example partsText(['reading ', "'city'", '']) // "reading 'city'" */
export function partsText(parts: readonly string[]): string {
  return parts.join('').replace(new RegExp(BESIDE, 'gu'), '…');
}

/** This machine with a port that the system chose: Linux gives those from 32,768 on to servers that listen on port 0. */
const CHOSEN_PORT =
  /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\]):(?:3276[89]|327[7-9]\d|32[89]\d\d|3[3-9]\d{3}|[4-6]\d{4})$/;
/** What such a host is called. */
export const THIS_MACHINE = 'localhost';

/**
 * The called host of a target, with its port. A server of tests has another port of this machine in each run, which tells nothing
 * apart: it is left out.
 * @example calledHost('127.0.0.1:45815/users/7') // 'localhost'
 */
export function calledHost(target: string): string {
  const [host = ''] = target.split('/', 1);
  return CHOSEN_PORT.test(host) ? THIS_MACHINE : host;
}

/** SQL of `calledHost`. */
export function calledHostSql(target: string): string {
  return `regexp_replace(split_part(${target}, '/', 1), '${CHOSEN_PORT.source}', '${THIS_MACHINE}')`;
}

/** The first characters of a text, as SQL's `substr` counts them. */
export function cutKey(text: string): string {
  if (text.length <= LONGEST) return text;
  return Array.from(text.slice(0, 2 * LONGEST))
    .slice(0, LONGEST)
    .join('');
}

/** SQL of `cutKey`. */
export function cutSql(text: string): string {
  return `substr(${text}, 1, ${LONGEST})`;
}
/** Characters of a statement in which its operation and its table are looked for. */
const LONGEST_STATEMENT = 2000;
/** Levels of brackets around parts of a statement that have tables of their own. */
const DEPTH = 4;
/** Characters of a path that tell it apart. */
const LONGEST_PATH = 200;
/** A name with its schema, in the quotes of any database. A pattern of RE2. */
const TABLE = String.raw`[\p{L}\p{N}_$."\x60\[\]]+`;
/** What stands before the table of a statement, and the word after it. A pattern of RE2. */
const FOUND = String.raw`(?is)^\s*(?:SELECT\b.*?\bFROM|DELETE\s+FROM|INSERT\s+(?:OR\s+\w+\s+|IGNORE\s+)?INTO|REPLACE\s+INTO|UPDATE)\s+(?:ONLY\s+)?([^\s,;]+)`;

/**
 * SQL of a statement's shape: texts and numbers become ?, a list of values becomes one ?, and several lists become one. Statements
 * of one loop have no other differences.
 */
export function statementShapeSql(statement: string): string {
  const values = `regexp_replace(${statement}, '''[^'']*''|:\\s*"[^"]*"|\\b[0-9][0-9.]*\\b|[$@:][0-9A-Za-z_]+|%s', '?', 'g')`;
  const lists = `regexp_replace(${values}, '[(]\\s*[?](\\s*,\\s*[?])*\\s*[)]', '(?)', 'g')`;
  return `regexp_replace(${lists}, '[(][?][)](\\s*,\\s*[(][?][)])+', '(?)', 'g')`;
}

/**
 * SQL of what tells a statement apart in all traces: its operation and table, where it names one plainly, and a short hash of its
 * shape: `SELECT users 1f3a9c02`. The hash is MD5's, which no version of DuckDB changes: people keep the ids that it is in.
 */
export function statementKeySql(shape: string): string {
  let inner = `substr(whole, 1, ${LONGEST_STATEMENT})`;
  // What stands in brackets has a FROM of its own: a subquery, and extract(year FROM …).
  for (let depth = 0; depth < DEPTH; depth++) inner = `regexp_replace(${inner}, '[(][^()]*[)]', '~', 'g')`;
  const operation = `upper(regexp_extract(flat, '^\\s*([A-Za-z]+)', 1))`;
  const word = `regexp_extract(flat, '${FOUND}', 1)`;
  // Columns stand behind the table of an INSERT; anything else with brackets is a function.
  const found = `CASE WHEN ${operation} IN ('INSERT', 'REPLACE') THEN regexp_replace(${word}, '~$', '') ELSE ${word} END`;
  const table = `regexp_replace(${found}, '["\\x60\\[\\]]', '', 'g')`;
  const isPlain = `NOT contains(flat, '(') AND regexp_full_match(${found}, '${TABLE}')`;
  const named = `CASE WHEN ${isPlain} THEN ${operation} || ' ' || ${table} || ' ' ELSE '' END`;
  // Each of them stands once: DuckDB takes a millisecond to plan a pattern.
  const key = `list_transform([${inner}], lambda flat: ${named} || substr(md5(whole), 1, 8))[1]`;
  return `list_transform([${shape}], lambda whole: ${key})[1]`;
}

/** SQL of the path of a called address as `pathShape` says it; empty without a path, and NULL without an address. */
export function pathShapeSql(address: string): string {
  const path = `substr(regexp_extract(${address}, '/.*$'), 1, ${LONGEST_PATH})`;
  const isId = String.raw`regexp_matches(part, '\d|.{30}') AND NOT regexp_full_match(part, 'v\d+')`;
  return `array_to_string(list_transform(string_split(${path}, '/'), lambda part: CASE WHEN ${isId} THEN ':id' ELSE part END), '/')`;
}

/** What stands for an id in a path. */
export const ID = ':id';

/** A path without its ids, as a route would have it. @example pathShape('/v1/users/7') // '/v1/users/:id' */
export function pathShape(path: string): string {
  const parts = path.slice(0, LONGEST_PATH).split('/');
  return parts.map((part) => (/\d|.{30}/.test(part) && !/^v\d+$/.test(part) ? ID : part)).join('/');
}

/** Whether a request is one of a route with ids. @example isOfRoute('GET /users/ann', 'GET /users/:id') // true */
export function isOfRoute(name: string, route: string): boolean {
  const [parts, others] = [name.split('/'), route.split('/')];
  if (parts.length !== others.length) return false;
  return others.every((other, at) => parts[at] === other || (other === ID && parts[at] !== ''));
}

/**
 * What a call or a request is called by its name and its shape: operation and table where the name lacks the table, and with the
 * path where it is only a method.
 * @example shapedName('pg.query:SELECT shop', 'SELECT users 1f3a9c02') // 'SELECT users'
 * @example shapedName('GET', '/users/:id', 'users:80') // 'GET users:80/users/:id'
 */
export function shapedName(name: string, shape = '', target = ''): string {
  if (shape.startsWith('/')) return `${name} ${target}${shape}`;
  const [, said = '', table = ''] = /^(\S+ (.+)) [0-9a-f]{8}$/.exec(shape) ?? [];
  const isTold = table === '' || name.toLowerCase().includes(table.toLowerCase());
  return isTold ? `${name} ${target}`.trimEnd() : said;
}
