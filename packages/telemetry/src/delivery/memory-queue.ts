import type { Batch } from './encoding/batch-builder.ts';
import { joinBatches } from './sending/deliver.ts';
import type { SpoolRecord } from './spool/segment.ts';

/** A batch in memory. */
export interface QueuedBatch {
  readonly batch: Batch;
  /** When it was added, by performance.now(). */
  readonly since: number;
  /** Where it is in the spool too; empty when it is in memory only. */
  records: readonly SpoolRecord[];
  /** Whether it came from the spool. */
  readonly isDrained?: true;
}

/** Writes a batch to the spool; undefined when that is not possible. `taken`: it is being sent already. */
export type WriteDown = (batch: Batch, state: 'waiting' | 'taken') => SpoolRecord | undefined;

/** The batches of one destination that are in memory: waiting, oldest first, or in a request under way. */
export class MemoryQueue {
  #waiting: QueuedBatch[] = [];
  readonly #underWay = new Map<QueuedBatch, Promise<void>>();

  /** Memory that the batches take. */
  get bytes(): number {
    return this.#items().reduce((sum, { batch }) => sum + batch.body.length, 0);
  }

  /** Spans that would be lost with the process. */
  get unspooledItems(): number {
    return this.#unspooled().reduce((sum, { batch }) => sum + batch.items, 0);
  }

  /** When the oldest batch that is in memory only was added; undefined when there is none. */
  get unspooledSince(): number | undefined {
    const items = this.#unspooled();
    return items.length === 0
      ? undefined
      : items.reduce((least, { since }) => Math.min(least, since), Infinity);
  }

  /** Whether a batch waits for its request. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Requests under way. */
  get requests(): number {
    return this.#underWay.size;
  }

  /** Whether a request with batches from the spool is under way. */
  get isDraining(): boolean {
    return [...this.#underWay.keys()].some((item) => item.isDrained);
  }

  /** Whether a request with batches that were never in the spool's queue is under way. */
  get isSendingLive(): boolean {
    return [...this.#underWay.keys()].some((item) => !item.isDrained);
  }

  /** Adds a batch behind all that waits. */
  push(batch: Batch): void {
    this.#waiting.push({ batch, since: performance.now(), records: [] });
  }

  /** Puts what is left of an item before all that waits. */
  putFirst(batch: Batch, since: number): void {
    this.#waiting.unshift({ batch, since, records: [] });
  }

  /** Takes the oldest waiting batches, as one within the limits: after an outage there may be many small ones. */
  next(maxItems: number, maxBytes: number): QueuedBatch | undefined {
    const joined: Batch[] = [];
    let items = 0;
    let bytes = 0;
    for (const { batch } of this.#waiting) {
      items += batch.items;
      bytes += batch.body.length;
      if (joined.length > 0 && (items > maxItems || bytes > maxBytes)) break;
      joined.push(batch);
    }
    const [oldest] = this.#waiting.splice(0, joined.length);
    return oldest && { batch: joinBatches(joined), since: oldest.since, records: [] };
  }

  /** Counts the item as under way until {@link ended}; `settled` is its request, which does not reject. */
  started(item: QueuedBatch, settled: Promise<void>): void {
    this.#underWay.set(item, settled);
  }

  /** The item's request has ended. */
  ended(item: QueuedBatch): void {
    this.#underWay.delete(item);
  }

  /** Resolves when every request that is under way now has ended. */
  async allEnded(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  /** Writes down what is in memory only and was added by `latest` (performance.now()); what waited waits there then. */
  writeDown(latest: number, write: WriteDown): void {
    for (const item of this.#underWay.keys()) {
      if (item.records.length > 0 || item.since > latest) continue;
      const record = write(item.batch, 'taken');
      if (record) item.records = [record];
    }
    this.#waiting = this.#waiting.filter((item) => item.since > latest || !write(item.batch, 'waiting'));
  }

  /** Drops what waits. */
  clear(): void {
    this.#waiting = [];
  }

  #items(): QueuedBatch[] {
    return [...this.#underWay.keys(), ...this.#waiting];
  }

  #unspooled(): QueuedBatch[] {
    return this.#items().filter((item) => item.records.length === 0);
  }
}
