/** Text as it is stored in a search column: one form for letters that look the same, without upper case. */
export function foldForSearch(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/**
 * A LIKE pattern for texts that contain `term`, whose own wildcards are escaped with `\`: SQL must say so.
 *
 * @example
 * sql`search_text like ${containsPattern('100 %')} escape '\\'`
 */
export function containsPattern(term: string): string {
  return `%${foldForSearch(term).replace(/[\\%_]/g, '\\$&')}%`;
}
