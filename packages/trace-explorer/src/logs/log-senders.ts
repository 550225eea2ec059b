import type { SpanStore } from '../store/types.ts';
import { logColumns } from './log-columns.ts';

/** What a sender's log records are, of those that are stored. */
export interface SenderLogs {
  readonly count: number;
  /** When the last one arrived, milliseconds since the epoch. */
  readonly lastSeen: number;
}

/** Counting takes 10 ms at a million rows, and every open page asks every few seconds: one answer does for all. */
const KEPT_MS = 2000;

/** Counts the log records of each dataset. */
export class LogSenders {
  readonly #store: SpanStore;
  #last: { readonly at: number; readonly answer: Promise<ReadonlyMap<string, SenderLogs>> } | undefined;

  constructor(store: SpanStore) {
    this.#store = store;
  }

  /** By dataset; those without a log record are left out. */
  read(): Promise<ReadonlyMap<string, SenderLogs>> {
    if (this.#store.stats().logs === 0) return Promise.resolve(new Map());
    if (this.#last === undefined || performance.now() - this.#last.at > KEPT_MS) {
      this.#last = { at: performance.now(), answer: this.#count() };
    }
    return this.#last.answer;
  }

  async #count(): Promise<ReadonlyMap<string, SenderLogs>> {
    const { rows } = await this.#store.read(
      `SELECT _dataset, count(*), max(_received) // 1000000 FROM spans WHERE ${logColumns(this.#store).isLog} GROUP BY 1`,
      [],
      { short: true },
    );
    return new Map(
      rows.map(([dataset, count, lastSeen]) => [
        String(dataset),
        { count: Number(count), lastSeen: Number(lastSeen) },
      ]),
    );
  }
}
