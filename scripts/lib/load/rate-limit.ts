/** Share of the limit that is left to others: who looks at the page meanwhile is the same client to the API. */
const LEFT_TO_OTHERS = 0.1;

/** Keeps to the rate limit that an API tells in its `x-ratelimit-*` headers. Times are milliseconds of one clock. */
export class RateLimit {
  /** Requests per minute; undefined until the API has said. */
  limit: number | undefined;
  #left = Number.POSITIVE_INFINITY;
  #resetAt = 0;

  /** How long to wait before the next request; 0 most of the time. */
  waitMs(now: number): number {
    if (this.limit === undefined || now >= this.#resetAt) return 0;
    return this.#left > this.limit * LEFT_TO_OTHERS ? 0 : this.#resetAt - now;
  }

  /** A request is sent. */
  sent(now: number): void {
    if (this.limit !== undefined && now >= this.#resetAt) this.#left = this.limit;
    this.#left--;
  }

  /** An answer has come; answers of requests that were sent later may come before. */
  answered(headers: Headers, now: number): void {
    const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) => {
      const value = headers.get(`x-ratelimit-${name}`);
      return value === null ? Number.NaN : Number(value);
    });
    if (limit === undefined || remaining === undefined || reset === undefined) return;
    if (Number.isNaN(limit + remaining + reset)) return;
    const resetAt = now + reset * 1000;
    // The header has whole seconds: a later end by more than that is another minute.
    const isNewMinute = resetAt > this.#resetAt + 1500;
    this.limit = limit;
    this.#left = isNewMinute ? remaining : Math.min(this.#left, remaining);
    if (isNewMinute) this.#resetAt = resetAt;
  }
}
