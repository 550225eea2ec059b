import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { SpanStore, WrittenBatch } from '../store/store.ts';

/** Where the order of arrival is, for those who wait for what comes. */
export class Arrivals {
  /** `_seq` up to which all rows can be read. */
  #newest: number;
  #epoch = newEpoch();
  readonly #news = new EventEmitter().setMaxListeners(0);
  readonly #unsubscribe: readonly (() => void)[];

  /** @param counts whether those who wait want to hear of what was written */
  static async of(store: SpanStore, counts: (written: WrittenBatch) => boolean): Promise<Arrivals> {
    const { rows } = await store.read('SELECT coalesce(max(_seq), 0) FROM spans', [], { short: true });
    return new Arrivals(store, Number(rows[0]?.[0] ?? 0), counts);
  }

  private constructor(store: SpanStore, newest: number, counts: (written: WrittenBatch) => boolean) {
    this.#newest = newest;
    this.#unsubscribe = [
      store.onWritten((written) => {
        if (!counts(written)) return;
        this.#newest = written.seq;
        this.#news.emit('news');
      }),
      store.onDeleted(() => {
        this.#epoch = newEpoch();
        this.#news.emit('news');
      }),
    ];
  }

  get newest(): number {
    return this.#newest;
  }

  /** Is another one in each run of the process, and after something was deleted: what was read before may be gone. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Resolves when there is more after a place in the order, something was deleted, or the signal aborts. */
  async changed(after: number, epoch: string, signal: AbortSignal): Promise<void> {
    if (this.#newest > after || this.#epoch !== epoch || signal.aborted) return;
    await once(this.#news, 'news', { signal }).catch(() => {});
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }
}

function newEpoch(): string {
  return randomBytes(6).toString('hex');
}
