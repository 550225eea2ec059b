import type { Spool, TakenBatch } from './spool.ts';

/** How fast the spool is sent when the backend is back: 64 MiB in 16 s, beside the live items. */
const DRAIN_BYTES_PER_SECOND = 4 * 1024 * 1024;

/** Takes the oldest batches out of a spool, no faster than the rate. */
export class SpoolDrain {
  readonly #spool: Spool;
  readonly #onReady: () => void;
  /** By performance.now(). */
  #allowedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onReady called when the rate allows what it did not allow before */
  constructor(spool: Spool, onReady: () => void) {
    this.#spool = spool;
    this.#onReady = onReady;
  }

  /**
   * The next batches, as one within the limits; undefined when there are none, or it is too early for them.
   *
   * @param isHurried takes them whatever the rate allows
   */
  async take(maxItems: number, maxBytes: number, isHurried: boolean): Promise<TakenBatch | undefined> {
    if (this.#spool.items === 0) return undefined;
    const now = performance.now();
    if (now < this.#allowedAt && !isHurried) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#onReady();
      }, this.#allowedAt - now).unref();
      return undefined;
    }
    const taken = await this.#spool.take(maxItems, maxBytes);
    if (taken) this.#allowedAt = now + (taken.body.length / DRAIN_BYTES_PER_SECOND) * 1000;
    return taken;
  }

  /** Calls nobody any more. */
  close(): void {
    clearTimeout(this.#timer);
  }
}
