/**
 * Which of two versions is newer, by their numbers: more than 0 for the first, less for the second. What stands behind the
 * numbers does not count. A comparison of texts by number would load the collation of languages, 20 ms of a start.
 *
 * @example compareVersions('22.15.0', '22.9') > 0
 */
export function compareVersions(version: string, other: string): number {
  const [one, two] = [version, other].map((each) =>
    each.split(/[.+-]/).map((part) => Number.parseInt(part, 10)),
  );
  for (let at = 0; at < 3; at++) {
    const difference = (one?.[at] || 0) - (two?.[at] || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
