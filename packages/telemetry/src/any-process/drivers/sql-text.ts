import { summaryOf } from '../../statements/query-summary.ts';

/** Tokens of MySQL: names in backticks, comments, strings (the last one may be cut off), and numbers. */
const PARTS =
  /(`[^`]*`)|(\/\*.*?(?:\*\/|$)|(?:--\s|#)[^\n]*)|'(?:[^'\\]|\\.|'')*(?:'|\\?$)|"(?:[^"\\]|\\.|"")*(?:"|\\?$)|\b(?:0x[\da-f]+|\d[\d.]*(?:e[+-]?\d+)?)\b/gis;

/** SQL with `?` in place of each value, and without comments (semantic conventions, "Sanitization of db.query.text"). */
export function withoutValues(query: string): string {
  return query.replace(PARTS, (_part, name?: string, comment?: string) => name ?? (comment ? '' : '?'));
}

/** Names that follow these words are tables. `ON DUPLICATE KEY UPDATE` and `FOR UPDATE` name none. */
const TABLES = /\b(?:from|into|join|(?<!\b(?:key|for)\s+)update)\s+([\w$.`]+)/gi;

/** Reads operation, tables and `db.query.summary` from the words of a statement: `SELECT orders items`. */
export function summarizeSql(query: string): ReturnType<typeof summaryOf> {
  const operation = (/[a-z]+/i.exec(query)?.[0] ?? 'QUERY').toUpperCase();
  const tables = Array.from(query.matchAll(TABLES), ([, table = '']) => table.replaceAll('`', ''));
  return summaryOf(operation, tables);
}
