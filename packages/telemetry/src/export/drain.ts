import type { Batch } from '../wire/batch.ts';
import type { Spool } from './spool.ts';
import type { SpoolFile } from './spool-folder.ts';

/** The spool is sent at this rate, in bytes per millisecond: 4 MiB/s. */
const RATE = (4 * 1024 * 1024) / 1_000;

export interface DrainOptions {
  readonly spool: Spool;
  /** Whether a request may begin. */
  readonly maySend: () => boolean;
  /** Sends the batch of a file. Does not reject. */
  readonly send: (batch: Batch, file: SpoolFile) => Promise<void>;
  /** Called when the next file may be sent. */
  readonly onReady: () => void;
}

/** Sends the files of a spool, oldest first, one at a time and at a limited rate. */
export class Drain {
  readonly #options: DrainOptions;
  #mayStartAt = 0;
  isBusy = false;
  /** Whether the rate does not matter any more: the process ends. */
  isHurrying = false;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  /** Sends the oldest file, unless one is sent, or it is too early. */
  async next(): Promise<void> {
    const { spool, maySend, send, onReady } = this.#options;
    const isEarly = !this.isHurrying && performance.now() < this.#mayStartAt;
    if (this.isBusy || isEarly || spool.isEmpty || !maySend()) return;
    this.isBusy = true;
    const taken = await spool.take();
    if (taken && !maySend()) spool.putBack(taken.file);
    else if (taken) {
      const paceMs = taken.batch.body.length / RATE;
      this.#mayStartAt = performance.now() + paceMs;
      await send(taken.batch, taken.file);
      setTimeout(onReady, this.isHurrying ? 0 : paceMs).unref();
    }
    this.isBusy = false;
  }
}
