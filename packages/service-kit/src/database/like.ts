/** Text as it is stored in a search column: one form for letters that look the same, without upper case. */
export function foldForSearch(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** A LIKE pattern for texts containing `term` itself: its wildcards are escaped with `\`, so say `escape '\'`. */
export function containsPattern(term: string): string {
  return `%${foldForSearch(term).replace(/[\\%_]/g, '\\$&')}%`;
}
