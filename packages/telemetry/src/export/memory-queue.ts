import type { Batch } from '../wire/batch.ts';
import { joinBatches } from './deliver.ts';
import type { SpoolFile } from './spool-file.ts';

/** A batch in memory. */
export interface QueuedBatch {
  readonly batch: Batch;
  /** When it was added, by performance.now(). */
  readonly since: number;
  /** Where it is on disk too; empty when it is in memory only. */
  files: readonly SpoolFile[];
  /** Whether it came from the spool. */
  readonly isDrained?: true;
}

/** The batches of one destination that are in memory: waiting, oldest first, or in a request under way. */
export class MemoryQueue {
  waiting: QueuedBatch[] = [];
  /** With what is resolved when the request has ended; it does not reject. */
  readonly underWay = new Map<QueuedBatch, Promise<void>>();

  /** Memory that the batches take. */
  get bytes(): number {
    return this.#all.reduce((sum, { batch }) => sum + batch.body.length, 0);
  }

  /** Items in memory only: they would be lost with the process. */
  get unspooledItems(): number {
    return this.#unspooled.reduce((sum, { batch }) => sum + batch.items, 0);
  }

  /** When the oldest batch that is in memory only was added; undefined when there is none. */
  get unspooledSince(): number | undefined {
    const times = this.#unspooled.map(({ since }) => since);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Whether a request with batches from the spool is under way. */
  get isDraining(): boolean {
    return [...this.underWay.keys()].some(({ isDrained }) => isDrained);
  }

  /** Whether a request with batches that were never in the spool is under way. */
  get isSendingLive(): boolean {
    return [...this.underWay.keys()].some(({ isDrained }) => !isDrained);
  }

  /** Adds a batch behind all that waits. */
  push(batch: Batch): void {
    this.waiting.push({ batch, since: performance.now(), files: [] });
  }

  /** Takes the oldest waiting batches, as one within the limits: after an outage there may be many small ones. */
  next(maxItems: number, maxBytes: number): QueuedBatch | undefined {
    let count = 0;
    let items = 0;
    let bytes = 0;
    for (const { batch } of this.waiting) {
      items += batch.items;
      bytes += batch.body.length;
      if (count > 0 && (items > maxItems || bytes > maxBytes)) break;
      count++;
    }
    const joined = this.waiting.splice(0, count);
    const [oldest] = joined;
    return oldest && { ...oldest, batch: joinBatches(joined.map(({ batch }) => batch)) };
  }

  get #all(): QueuedBatch[] {
    return [...this.underWay.keys(), ...this.waiting];
  }

  get #unspooled(): QueuedBatch[] {
    return this.#all.filter(({ files }) => files.length === 0);
  }
}
