/**
 * A source of rows with their place among all rows of the same keys, counted by their weights: what
 * `weightedQuantile` reads. Rows without a value have no place.
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

/** Cells of values per factor of e: rows of one are 3 % apart. */
const CELLS = 32;
/** Above the cells of the smallest and largest doubles, so that those of negative values lie below those of positive ones. */
const CELL_OF_ONE = 100_000;

/**
 * Of the same rows only those that decide some quantiles, which are few: how much weight lies in which range of values is
 * counted first, and only the ranges that hold a quantile are sorted. At 2,000,000 rows of 20 groups 0.3 s of processor
 * time instead of 1.1 s. Groups without a value have no rows.
 * @param shares of the weights below the quantiles, 0 … 1
 */
export function rowsAroundQuantiles(
  source: string,
  {
    value,
    weight,
    keys,
    shares,
  }: {
    readonly value: string;
    readonly weight: string;
    readonly keys: readonly string[];
    readonly shares: readonly number[];
  },
): string {
  const names = keys.map((_, i) => `_k${i}`);
  const list = (...parts: readonly string[]) => [...names, ...parts].join(', ');
  const by = names.length === 0 ? '' : `PARTITION BY ${names.join(', ')} `;
  const number = `CAST(${value} AS DOUBLE)`;
  const cell = `CAST(floor(coalesce(sign(${number}) * (ln(nullif(abs(${number}), 0)) * ${CELLS} + ${CELL_OF_ONE}), 0)) AS INTEGER)`;
  const columns = ['*', ...keys.map((key, i) => `${key} AS _k${i}`), `${cell} AS _cell`].join(', ');
  const places = shares.flatMap((share) =>
    ['floor', 'ceil'].map((round) => `${round}(${share} * (of_all - 1))`),
  );
  const holds = places.map((place) => `(before + own > ${place} AND before <= ${place})`);
  const same = ['_cell', ...names].map((name) => `placed.${name} IS NOT DISTINCT FROM held.${name}`);
  return `(WITH placed AS NOT MATERIALIZED (SELECT ${columns} FROM ${source} WHERE ${value} IS NOT NULL),
cells AS (SELECT ${list('_cell', `sum(${weight}) AS own`)} FROM placed GROUP BY ${list('_cell')}),
sums AS (SELECT *, sum(own) OVER (${by}ORDER BY _cell ROWS UNBOUNDED PRECEDING) - own AS before, sum(own) OVER (${by}) AS of_all FROM cells),
held AS (SELECT * FROM sums WHERE ${holds.join(' OR ')})
SELECT placed.*, before + sum(${weight}) OVER (PARTITION BY ${['placed._cell', ...names.map((name) => `placed.${name}`)].join(', ')} ORDER BY ${value} ROWS UNBOUNDED PRECEDING) AS up_to, of_all FROM placed JOIN held ON ${same.join(' AND ')})`;
}

/**
 * An aggregate over ranked rows: the value below which a share of the weights is. What quantile_cont gives when each row
 * is there as often as its weight says.
 */
export function weightedQuantile(value: string, share: number): string {
  const [low, high] = ['floor', 'ceil'].map(
    (round) => `min(${value}) FILTER (WHERE up_to > ${round}(${share} * (of_all - 1)))`,
  );
  const place = `${share} * (max(of_all) - 1)`;
  return `(${low} + (${high} - ${low}) * (${place} - floor(${place})))`;
}
