/** A token bucket, as golang.org/x/time/rate has it: full at first, and filled again by the time that passes. */
export class TokenBucket {
  readonly burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #last = 0;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.burst = burst;
    this.#tokens = burst;
  }

  /** @param now nanoseconds */
  tokensAt(now: number): number {
    return Math.min(this.burst, this.#tokens + ((now - this.#last) / 1e9) * this.#perSecond);
  }

  /** Takes tokens, when there are enough. */
  take(count: number, now: number): boolean {
    const tokens = this.tokensAt(now);
    if (count > this.burst || tokens < count) return false;
    this.#tokens = tokens - count;
    this.#last = now;
    return true;
  }
}
