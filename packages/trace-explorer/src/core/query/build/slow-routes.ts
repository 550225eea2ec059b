import type { Calculation, Formula } from '../parse/query-spec.ts';

/** Of fewer requests the 95th percentile says no more than the slowest one. */
export const LEAST_FOR_P95 = 20;

/** How slow a route is, in a query: its name, calculations, and formula. */
export const SLOW = 'p95_or_slowest_ms';
export const SLOW_CALCULATIONS: readonly Calculation[] = [
  { op: 'P95', column: 'duration_ms', name: 'p95' },
  { op: 'MAX', column: 'duration_ms', name: 'slowest' },
  { op: 'COUNT', name: 'count' },
];
export const SLOW_FORMULA: Formula = {
  name: SLOW,
  expression: `IF(LT($count, ${LEAST_FOR_P95}), $slowest, $p95)`,
};
