/** Largest gap between two sequence numbers whose rows are read too: DuckDB reads as many rows at a time anyway. */
const GAP = 2_048;

/**
 * Rows by their sequence numbers, as SQL that FROM takes instead of table `spans`: for large columns such as `_span`. Each
 * stretch of numbers is read apart from the others. A condition that lists distant numbers would read these columns of their
 * row groups, 32,768 rows each.
 */
export function rowsAt(sequences: readonly number[]): string {
  const stretches: number[][] = [];
  for (const sequence of new Set(sequences.toSorted((a, b) => a - b))) {
    const stretch = stretches.at(-1);
    if (stretch !== undefined && sequence - (stretch.at(-1) ?? 0) <= GAP) stretch.push(sequence);
    else stretches.push([sequence]);
  }
  const selects = stretches.map((stretch) => {
    const [first = 0, last = first] = [stretch[0], stretch.at(-1)];
    const range = `SELECT * FROM spans WHERE _seq BETWEEN ${first} AND ${last}`;
    // Without gaps the range is enough, which takes less time.
    const hasGaps = last - first >= stretch.length;
    return hasGaps ? `${range} AND _seq IN (SELECT unnest([${stretch.join(', ')}]))` : range;
  });
  return `(${selects.join(' UNION ALL ') || 'SELECT * FROM spans WHERE false'}) AS spans`;
}
