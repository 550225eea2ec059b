/** How often each name occurs. */
export function countNames(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** `586 × 200, 14 × 503`, the most frequent first; `none` without a name. */
export function describeCounts(counts: ReadonlyMap<string, number>): string {
  const ordered = [...counts].toSorted(([, a], [, b]) => b - a);
  return ordered.map(([name, times]) => `${times.toLocaleString('en-US')} × ${name}`).join(', ') || 'none';
}
