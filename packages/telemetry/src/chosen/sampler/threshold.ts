/** Number of values that 56 random bits can have. */
const RANDOM_VALUES = 2 ** 56;

/** Digits of a whole 56-bit value. */
const DIGITS = 14;

/** Hexadecimal digits of a threshold after leading `f`s, as the specification recommends: 0.01 % off at most. */
const PRECISION = 4;

/**
 * The rejection threshold of a sampling probability in the form of `th`: hexadecimal, without trailing zeros
 * (OpenTelemetry specification, TraceState: Probability Sampling).
 *
 * @param probability from 2^-56 to 1
 */
export function thresholdOf(probability: number): string {
  if (probability === 1) return '0';
  const leadingZeroBits = -Math.floor(Math.log2(probability)) - 1;
  const digits = Math.min(DIGITS, PRECISION + Math.floor(leadingZeroBits / 4));
  const unit = 2 ** (4 * digits);
  // A half is rounded down, as in the specification's algorithm. At least one value is kept.
  const kept = BigInt(Math.max(1, Math.ceil(probability * unit - 0.5)));
  const threshold = BigInt(unit) - kept;
  return threshold === 0n ? '0' : threshold.toString(16).padStart(digits, '0').replace(/0+$/, '');
}

/** The number of spans that a sampled span stands for (1/probability); undefined for an illegal `th`, or none. */
export function adjustedCountOf(threshold = ''): number | undefined {
  if (threshold === '' || !/^[0-9a-f]{1,14}$/.test(threshold)) return undefined;
  const padded = threshold.padEnd(DIGITS, '0');
  // Two halves, because one number would be rounded, and a threshold near the top would give infinity.
  const high = Number.parseInt(padded.slice(0, 7), 16);
  const low = Number.parseInt(padded.slice(7), 16);
  return RANDOM_VALUES / ((2 ** 28 - high) * 2 ** 28 - low);
}
