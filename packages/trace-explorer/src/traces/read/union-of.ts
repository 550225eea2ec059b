/**
 * Rows that fit one of some conditions, each of which is looked for apart, as it may need other columns; all rows where
 * there is none.
 * @param conditions of which no row fits two
 */
export function unionOf(conditions: readonly string[], select: (condition: string) => string): string {
  return (conditions.length === 0 ? ['true'] : conditions).map(select).join(' UNION ALL ');
}
