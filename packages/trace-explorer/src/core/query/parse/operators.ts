/** Percentile operators and the share of values below their result. */
export const PERCENTILES = {
  P001: 0.001,
  P01: 0.01,
  P05: 0.05,
  P10: 0.1,
  P20: 0.2,
  P25: 0.25,
  P50: 0.5,
  P75: 0.75,
  P80: 0.8,
  P90: 0.9,
  P95: 0.95,
  P99: 0.99,
  P999: 0.999,
} as const;

export type Percentile = keyof typeof PERCENTILES;

/** Honeycomb's calculations, without the calculations for metrics. */
export const CALCULATION_OPS = [
  'COUNT',
  'CONCURRENCY',
  'SUM',
  'AVG',
  'COUNT_DISTINCT',
  'MAX',
  'MIN',
  ...(Object.keys(PERCENTILES) as Percentile[]),
  'HEATMAP',
  'RATE_AVG',
  'RATE_SUM',
  'RATE_MAX',
] as const;
export type CalculationOp = (typeof CALCULATION_OPS)[number];

export const FILTER_OPS = [
  '=',
  '!=',
  '>',
  '>=',
  '<',
  '<=',
  'starts-with',
  'does-not-start-with',
  'ends-with',
  'does-not-end-with',
  'contains',
  'does-not-contain',
  'exists',
  'does-not-exist',
  'in',
  'not-in',
] as const;
export type FilterOp = (typeof FILTER_OPS)[number];

export const HAVING_OPS = ['=', '!=', '>', '>=', '<', '<='] as const;

/** The key of a calculation in result rows: its name, else `COUNT` or `P90(duration_ms)`. */
export function calculationKey({
  op,
  column,
  name,
}: {
  readonly op: CalculationOp;
  readonly column?: string | undefined;
  readonly name?: string | undefined;
}): string {
  if (name !== undefined) return name;
  return column === undefined ? op : `${op}(${column})`;
}

/** Negative operators, each with the positive operator that is its exact complement. */
export const COMPLEMENTS: Readonly<Partial<Record<FilterOp, FilterOp>>> = {
  '!=': '=',
  'does-not-start-with': 'starts-with',
  'does-not-end-with': 'ends-with',
  'does-not-contain': 'contains',
  'does-not-exist': 'exists',
  'not-in': 'in',
};
