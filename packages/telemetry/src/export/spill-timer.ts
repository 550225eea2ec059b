import type { MemoryQueue } from './memory-queue.ts';

/**
 * A batch that has no answer after so many milliseconds is written to disk. With the schedule delay, that is what a killed
 * process loses: less than the last 500 ms.
 */
const SPILL_AFTER_MS = 150;

/** Has batches written down that stay in memory for too long. */
export class SpillTimer {
  readonly #memory: MemoryQueue;
  readonly #spill: (latest: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param spill called with the time (performance.now()) up to which batches are due */
  constructor(memory: MemoryQueue, spill: (latest: number) => void) {
    this.#memory = memory;
    this.#spill = spill;
  }

  /** To be called when something was added to memory. */
  start(): void {
    const oldest = this.#memory.unspooledSince;
    if (this.#timer || this.#isClosed || oldest === undefined) return;
    const waitMs = oldest + SPILL_AFTER_MS - performance.now();
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#spill(performance.now() - SPILL_AFTER_MS + 1);
        this.start();
      },
      waitMs > 0 ? waitMs : SPILL_AFTER_MS, // the disk has no room: it is asked again
    ).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}
