import { summaryOf } from '../../road/statements/query-summary.ts';

/** Tokens of MySQL and MariaDB: names in backticks, comments, strings (the last one may be cut off), and numbers. */
export const MYSQL =
  /(`[^`]*`)|(\/\*.*?(?:\*\/|$)|(?:--\s|#)[^\n]*)|'(?:[^'\\]|\\.|'')*(?:'|\\?$)|"(?:[^"\\]|\\.|"")*(?:"|\\?$)|\b(?:0x[\da-f]+|\d[\d.]*(?:e[+-]?\d+)?)\b/gis;

/**
 * Tokens of PostgreSQL and SQLite: names in quotes, comments, strings (the last one may be cut off; E'' knows backslashes,
 * $$ may have a tag), and numbers that are neither a parameter's nor part of a name.
 */
export const STANDARD =
  /("[^"]*"|`[^`]*`)|(\/\*.*?(?:\*\/|$)|--[^\n]*)|\be'(?:[^'\\]|\\.|'')*(?:'|\\?$)|'(?:[^']|'')*(?:'|$)|\$([a-z_]*)\$.*?(?:\$\3\$|$)|(?<![\w$?:@.])(?:0x[\da-f]+|\d[\d.]*(?:e[+-]?\d+)?)\b/gis;

/**
 * SQL with `?` in place of each value, and without comments (semantic conventions, "Sanitization of db.query.text").
 *
 * @param parts tokens of the database; default: of MySQL
 */
export function withoutValues(query: string, parts = MYSQL): string {
  return query.replace(parts, (_part, name?: string, comment?: string) => name ?? (comment ? '' : '?'));
}

/**
 * Names that follow these words are tables. `ON DUPLICATE KEY UPDATE`, `FOR UPDATE`, `DO UPDATE` and `THEN UPDATE` name none, nor do
 * `COPY … FROM STDIN`, `IS DISTINCT FROM`, and the `FROM` of a function: `extract(epoch FROM …)`.
 */
const TABLES =
  /\b(?:(?<!\bdistinct\s+|\b(?:extract|overlay|substring|trim)\([^()]{0,99})from|into|join|(?<!\b(?:do|for|key|then)\s+)update)\s+(?!stdin\b)([\w$.`"]+)/gi;

/** Reads operation, tables and `db.query.summary` from the words of a statement: `SELECT orders items`. */
export function summarizeSql(query: string): ReturnType<typeof summaryOf> {
  const operation = (/[a-z]+/i.exec(query)?.[0] ?? 'QUERY').toUpperCase();
  const tables = Array.from(query.matchAll(TABLES), ([, table = '']) => table.replace(/[`"]/g, ''));
  return summaryOf(operation, tables);
}
