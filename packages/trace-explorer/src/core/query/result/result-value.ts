/** A value of a row as JSON has it. */
export type Scalar = string | number | boolean | null;

/** A value as JSON has it. An integer too large for a double becomes text. NaN and infinities are missing values. */
export function scalar(value: unknown): Scalar {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

/** A value of one row or group as JSON has it. NaN and infinities become text, because JSON has no number for them. */
export function ownValue(value: unknown): Scalar {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : scalar(value);
}
