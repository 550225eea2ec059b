/** Texts of `error` that mean no error: the forms of false in several languages, and the empty text. */
export const NO_ERROR = ['false', 'False', 'FALSE', '0', ''] as const;

/**
 * Filters of a query that match failed spans. `error` may be true, a text (Python sends `db down`) or a number: Honeycomb
 * counts each as an error.
 */
export const FAILED = [
  { column: 'error', op: 'exists' },
  { column: 'error', op: 'not-in', value: [...NO_ERROR] },
] as const;
