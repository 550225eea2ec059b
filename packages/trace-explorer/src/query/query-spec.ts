/** Honeycomb's Query Specification, in the names and shapes of its JSON, checked and with defaults filled in. */
export interface QuerySpec {
  readonly calculations: readonly Calculation[];
  readonly calculated_fields: readonly CalculatedField[];
  readonly filters: readonly Filter[];
  readonly filter_combination: FilterCombination;
  readonly breakdowns: readonly string[];
  readonly orders: readonly Order[];
  readonly havings: readonly Having[];
  readonly limit: number;
  /** Seconds. */
  readonly time_range?: number;
  /** Seconds since the epoch. */
  readonly start_time?: number;
  /** Seconds since the epoch. */
  readonly end_time?: number;
  /** Seconds a bucket of the series. */
  readonly granularity?: number;
  readonly compare_time_offset_seconds?: number;
}

export interface Calculation {
  readonly op: CalculationOp;
  readonly column?: string;
  readonly name?: string;
  readonly filters?: readonly Filter[];
  readonly filter_combination?: FilterCombination;
}

export interface CalculatedField {
  readonly name: string;
  readonly expression: string;
}

export type FilterValue = string | number | boolean;

export interface Filter {
  readonly column: string;
  readonly op: FilterOp;
  readonly value?: FilterValue | readonly FilterValue[];
}

export interface Order {
  readonly op?: CalculationOp;
  readonly column?: string;
  readonly order: 'ascending' | 'descending';
}

export interface Having {
  readonly calculate_op: CalculationOp;
  readonly column?: string;
  readonly op: HavingOp;
  readonly value: number;
}

export type FilterCombination = 'AND' | 'OR';

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
export type HavingOp = (typeof HAVING_OPS)[number];

/** The offsets Honeycomb takes: 30 minutes, 1, 2, 8 and 24 hours, 7, 28 and 182 days. */
export const COMPARE_OFFSETS: readonly number[] = [
  1800, 3600, 7200, 28_800, 86_400, 604_800, 2_419_200, 15_724_800,
];

/** Seconds a query covers when it names no times. */
export const DEFAULT_TIME_RANGE = 7200;
export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1000;
/** Honeycomb's bound on each list of a specification. */
export const MAX_ITEMS = 100;

/** The key of a calculation in result rows: its name, else `COUNT` or `P90(duration_ms)`. */
export function calculationKey(calculation: Pick<Calculation, 'op' | 'column' | 'name'>): string {
  if (calculation.name !== undefined) return calculation.name;
  return calculation.column === undefined ? calculation.op : `${calculation.op}(${calculation.column})`;
}
