/**
 * The rows of a source, each with its rank among all rows of the same keys. Ranks are counted by weight. `weightedQuantile`
 * reads these rows. Rows without a value have no rank.
 * @param source a table, or a select in parentheses
 */
export function rankedRows(
  source: string,
  {
    value,
    weight,
    keys,
  }: { readonly value: string; readonly weight: string; readonly keys: readonly string[] },
): string {
  const by = keys.length === 0 ? '' : `PARTITION BY ${keys.join(', ')} `;
  const own = `CASE WHEN ${value} IS NULL THEN 0 ELSE ${weight} END`;
  return `(SELECT *, sum(${own}) OVER (${by}ORDER BY ${value} NULLS LAST ROWS UNBOUNDED PRECEDING) AS up_to, sum(${own}) OVER (${by}) AS of_all FROM ${source})`;
}

/**
 * An aggregate over ranked rows: the value with a share of the weights below it. The result equals quantile_cont over rows that
 * are repeated as often as their weights say.
 */
export function weightedQuantile(value: string, share: number): string {
  const [low, high] = ['floor', 'ceil'].map(
    (round) => `min(${value}) FILTER (WHERE up_to > ${round}(${share} * (of_all - 1)))`,
  );
  const rank = `${share} * (max(of_all) - 1)`;
  return `(${low} + (${high} - ${low}) * (${rank} - floor(${rank})))`;
}
