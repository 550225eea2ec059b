/** Texts of `error` that say there is none: what languages make of false, and nothing. */
export const NO_ERROR = ['false', 'False', 'FALSE', '0', ''] as const;

/**
 * Conditions of a query that match the spans that count as failed. `error` may be true, a text (`db down`, as Python sends
 * it) or a number: Honeycomb takes each for an error.
 */
export const FAILED = [
  { column: 'error', op: 'exists' },
  { column: 'error', op: 'not-in', value: [...NO_ERROR] },
] as const;
