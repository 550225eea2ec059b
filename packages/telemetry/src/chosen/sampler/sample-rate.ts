/** Honeycomb's attribute: the number of spans that a span stands for. It counts more than `th` of the trace state. */
export const SAMPLE_RATE = 'SampleRate';

/** Thresholds of four digits turn 1/0.1 into 9.9994 and 1/0.001 into 1000.01; three digits stay within 0.1 %. */
const ROUNDING = 0.001;

/**
 * The whole number to send as `SampleRate` for a span that stands for `adjustedCount` spans.
 *
 * Honeycomb counts whole numbers only. A rate of 3.33 rounded to 3 would lose a tenth of all traffic, so the trace's
 * own randomness picks 3 or 4. The average is right, and all spans of a trace agree in every service.
 *
 * @param randomness of the trace, 14 hexadecimal digits, not below the threshold
 */
export function sampleRateOf(adjustedCount: number, randomness: string): number {
  const nearest = Math.round(adjustedCount);
  if (Math.abs(adjustedCount - nearest) <= adjustedCount * ROUNDING) return nearest;
  const floor = Math.floor(adjustedCount);
  const fraction = Number.parseInt(randomness.slice(0, 13), 16) / 2 ** 52;
  // For kept traces, the distance to the top, in units of the probability, is uniform from 0 to 1.
  const position = (1 - fraction) * adjustedCount;
  return position < adjustedCount - floor ? floor + 1 : floor;
}
