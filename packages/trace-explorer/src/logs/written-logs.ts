import type { SpanStore } from '../store/types.ts';

/** Where the order of arrival is, for those who wait for new log records. */
export class WrittenLogs {
  /** `_seq` up to which all log records can be read. */
  newest: number;
  readonly #unsubscribe: () => void;
  readonly #waiting = new Set<() => void>();

  constructor(store: SpanStore, newest: number) {
    this.newest = newest;
    this.#unsubscribe = store.onWritten(({ seq, logs }) => {
      if (logs === 0) return;
      this.newest = seq;
      for (const wake of [...this.#waiting]) wake();
    });
  }

  /** Resolves when there are log records after a place, or when the signal aborts. */
  async changed(after: number, signal: AbortSignal): Promise<void> {
    if (this.newest > after || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }

  close(): void {
    this.#unsubscribe();
  }
}
