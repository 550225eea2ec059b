/** What a backend that works has not acknowledged after this time is written to the spool, in milliseconds. */
const SPILL_AFTER_MS = 200;

/** Has batches written down that have been in memory only for too long. */
export class SpillTimer {
  readonly #oldest: () => number | undefined;
  readonly #spill: (latest: number) => void;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Times are those of performance.now().
   *
   * @param oldest when the oldest batch that is in memory only was added; undefined when there is none
   * @param spill writes down the batches that were added by `latest`
   */
  constructor(oldest: () => number | undefined, spill: (latest: number) => void) {
    this.#oldest = oldest;
    this.#spill = spill;
  }

  /** A batch was added to memory. */
  start(): void {
    if (!this.#isClosed) this.#timer ??= setTimeout(() => this.#look(), SPILL_AFTER_MS).unref();
  }

  /** Has nothing written down any more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    this.#spill(now - SPILL_AFTER_MS + 1);
    const oldest = this.#oldest();
    if (oldest === undefined || this.#isClosed) return;
    const waitMs = Math.max(SPILL_AFTER_MS / 4, oldest + SPILL_AFTER_MS - now);
    this.#timer = setTimeout(() => this.#look(), waitMs).unref();
  }
}
