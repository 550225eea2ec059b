import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { SpanStore, WrittenBatch } from '../store/store.ts';

/** Tells waiting readers when rows have arrived, and up to which sequence number. */
export class Arrivals {
  /** The last `_seq` such that all rows up to it can be read. */
  #newest: number;
  #epoch = newEpoch();
  readonly #news = new EventEmitter().setMaxListeners(0);
  readonly #unsubscribe: () => void;

  /** @param counts whether a written batch matters to the readers */
  static async of(store: SpanStore, counts: (written: WrittenBatch) => boolean): Promise<Arrivals> {
    const { rows } = await store.read('SELECT coalesce(max(_seq), 0) FROM spans', [], { short: true });
    return new Arrivals(store, Number(rows[0]?.[0] ?? 0), counts);
  }

  private constructor(store: SpanStore, newest: number, counts: (written: WrittenBatch) => boolean) {
    this.#newest = newest;
    this.#unsubscribe = store.onChange((written) => {
      if (written === undefined) this.#epoch = newEpoch();
      else if (counts(written)) this.#newest = written.seq;
      else return;
      this.#news.emit('news');
    });
  }

  get newest(): number {
    return this.#newest;
  }

  /** Changes with each run of the process and with each deletion. Rows of an earlier epoch may be gone. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Resolves when rows have arrived after a sequence number, rows were deleted, or the signal aborts. */
  async changed(after: number, epoch: string, signal: AbortSignal): Promise<void> {
    if (this.#newest > after || this.#epoch !== epoch || signal.aborted) return;
    await once(this.#news, 'news', { signal }).catch(() => {});
  }

  close(): void {
    this.#unsubscribe();
  }
}

function newEpoch(): string {
  return randomBytes(6).toString('hex');
}
