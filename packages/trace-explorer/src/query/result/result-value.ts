/** A value of a row as JSON has it. */
export type Scalar = string | number | boolean | null;

/** A value as JSON has it. An integer that a double cannot hold is given as text. NaN and the infinities are missing values. */
export function scalar(value: unknown): Scalar {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

/** A value of one row or group as JSON has it. JSON has no number for NaN and the infinities: their names are given. */
export function ownValue(value: unknown): Scalar {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : scalar(value);
}
