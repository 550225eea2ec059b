/** Rows that came one after another, by their `_seq`. */
export interface Block {
  readonly first: number;
  readonly last: number;
}

/** Rows between two blocks that are read with them rather than as a block more. */
const GAP = 2_048;

/** The same rows, and those of gaps up to so many, as blocks in order that do not meet. */
export function joinBlocks(blocks: readonly Block[], gap = GAP): Block[] {
  const result: { first: number; last: number }[] = [];
  for (const { first, last } of blocks.toSorted((a, b) => a.first - b.first)) {
    const before = result.at(-1);
    if (before !== undefined && first <= before.last + gap) before.last = Math.max(before.last, last);
    else result.push({ first, last });
  }
  return result;
}

/** The rows of some blocks, each read without the others: stands in FROM in place of table `spans`. */
export function rowsWithin(blocks: readonly Block[]): string {
  const each = blocks.map(({ first, last }) => `SELECT * FROM spans WHERE _seq BETWEEN ${first} AND ${last}`);
  return `(${each.join(' UNION ALL ') || 'SELECT * FROM spans WHERE false'}) AS spans`;
}
