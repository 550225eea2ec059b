/** The spool is sent at this rate, beside live batches, in bytes per millisecond: 4 MiB/s. */
const DRAIN_RATE = (4 * 1024 * 1024) / 1_000;

/** When the next files of the spool may be sent. */
export class DrainPace {
  readonly #onReady: () => void;
  #mayStartAt = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onReady called when it is time, after {@link isReady} has said no */
  constructor(onReady: () => void) {
    this.#onReady = onReady;
  }

  isReady(): boolean {
    const waitMs = this.#mayStartAt - performance.now();
    if (waitMs <= 0) return true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onReady, waitMs).unref();
    return false;
  }

  /** So many bytes are sent now. */
  sent(bytes: number): void {
    this.#mayStartAt = performance.now() + bytes / DRAIN_RATE;
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
