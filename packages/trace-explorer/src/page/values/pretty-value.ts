/** A value with lines and indentation, for reading: JSON and SQL. Any other text is unchanged. */
export function prettyValue(name: string, text: string): string {
  if (/^\s*[[{]/.test(text)) {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }
  return /^db\.(?:query\.text|statement)$/.test(name) ? sqlLines(text) : text;
}

// A run of blanks is looked at once, from its beginning.
const CLAUSES =
  /(?<!\s|\b(?:left|right|full|inner|outer|cross))\s+(?=(?:from|where|(?:left |right |full |inner |outer |cross )*join|group by|order by|having|limit|offset|values|set|returning|union(?: all)?|on conflict)\b)/gi;
const CONDITIONS = /(?<!\s)\s+(?=(?:and|or)\b)/gi;

/** SQL with each clause on its own line. Quoted text is unchanged. */
function sqlLines(sql: string): string {
  return sql
    .split(/('(?:[^']|'')*'|"[^"]*"|`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(CLAUSES, '\n').replace(CONDITIONS, '\n  ')))
    .join('')
    .trim();
}
