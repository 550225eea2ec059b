/** How many letters may differ for a name to be taken for a misspelt one. */
const MAX_DISTANCE = 3;

/**
 * The name that a misspelt one is meant for, by the fewest letters changed (Levenshtein); undefined when none is near.
 * @param limit of the letters that may differ
 */
export function nearestName(
  name: string,
  known: readonly string[],
  limit: number = Math.min(MAX_DISTANCE, name.length / 3),
): string | undefined {
  const plain = (text: string) => text.toUpperCase().replace(/[^A-Z0-9]/g, '');
  const [best] = known
    .map((candidate) => ({ candidate, distance: distanceOf(plain(name), plain(candidate)) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((a, b) => a.distance - b.distance);
  return best?.candidate;
}

function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...a].entries()) {
    const next = [at + 1];
    for (const [index, other] of [...b].entries())
      next.push(
        Math.min(
          (row[index] ?? 0) + (letter === other ? 0 : 1),
          (row[index + 1] ?? 0) + 1,
          (next[index] ?? 0) + 1,
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
