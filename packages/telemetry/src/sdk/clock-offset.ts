/**
 * How far the two clocks of one machine may drift apart, as a fraction: 100 µs per second. On Linux both run at the
 * same speed; elsewhere a clock that is being corrected may do more, which looks like a small step.
 */
const MAX_DRIFT = 1e-4;

/** Milliseconds since the epoch, as numbers, are a quarter of a microsecond apart. */
const ROUNDING_MS = 0.001;

/**
 * What is known of the difference between the system's clock and the process's monotonic clock, in milliseconds: two
 * bounds, and the truth between them.
 *
 * The system's clock says whole milliseconds. A reading `d`, taken between the readings `before` and `after` of the
 * monotonic clock, means that it was at least `d` by `after`, and less than `d + 1` at `before`. Each reading bounds the
 * difference from both sides so, however long the process had to wait in between; together, they leave microseconds.
 */
export class ClockOffset {
  #low = Number.NEGATIVE_INFINITY;
  #high = Number.POSITIVE_INFINITY;
  #readAt = 0;

  /** How far the bounds are apart. */
  get width(): number {
    return this.#high - this.#low;
  }

  /** The possible difference that is nearest to a guess. */
  nearest(guess: number): number {
    return Math.min(Math.max(guess, this.#low), this.#high);
  }

  /** Takes a reading in. One that contradicts what was known is a step of the system's clock: it alone counts then. */
  narrow(before: number, milliseconds: number, after: number): void {
    const low = milliseconds - after;
    const high = milliseconds + 1 - before;
    const drift = (before - this.#readAt) * MAX_DRIFT;
    this.#readAt = before;
    const knownLow = this.#low - drift;
    const knownHigh = this.#high + drift;
    const isStep = low > knownHigh + ROUNDING_MS || high < knownLow - ROUNDING_MS;
    this.#low = isStep ? low : Math.max(low, knownLow);
    this.#high = Math.max(this.#low, isStep ? high : Math.min(high, knownHigh));
  }
}
