import type { DestinationCounters, LossReason } from '../report/counters.ts';
import { failureOfError } from '../report/export-failure.ts';
import type { Batch } from '../wire/batch.ts';
import { withinTime } from '../process/within-time.ts';
import { backoffMs } from './backoff.ts';
import type { ExportOptions, Unsent } from './export-batch.ts';
import { exportBatch } from './export-batch.ts';
import type { Spool } from './spool.ts';
import type { SpoolFile } from './spool-folder.ts';

export interface OutboxOptions extends ExportOptions {
  /** How messages call the destination. */
  readonly name: string;
  readonly spool: Spool;
  /** Limits of the queue in memory. */
  readonly maxQueueBytes: number;
  readonly maxQueueItems: number;
}

/** Requests under way at once: at 200 ms per round trip, still 20 batches a second. */
const MAX_UNDER_WAY = 4;

/**
 * A batch that has no answer after so many milliseconds is late. With the schedule delay, a killed process loses less
 * than the last 500 ms.
 */
const LATE_AFTER_MS = 150;

/** How often the spool looks for files of other processes, and a failed write is tried again, in milliseconds. */
const TEND_EVERY_MS = 2_000;

/** How long a flush waits for the disk, and a shutdown after its deadline, in milliseconds. */
const DISK_TIMEOUT_MS = 2_000;

/** A batch that waits or is sent. */
interface Item {
  batch: Batch;
  isSending: boolean;
  isLate: boolean;
  /** The copy on disk, while the batch is sent. */
  file?: SpoolFile | undefined;
}

/**
 * The queue of one destination. Batches wait in memory. A batch is late after 150 ms without an answer; while the
 * destination fails, every batch is late. A late batch is written to the spool and leaves memory. If the batch is being
 * sent, the spool has a copy until the answer comes.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  /** In memory, oldest first. */
  #queue: Item[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #isSendingFile = false;
  /** In a row. After a failure, one request at a time goes out. */
  #failures = 0;
  /** Runs while nothing may be sent. */
  #retryTimer: NodeJS.Timeout | undefined;
  #spilling: Promise<void> | undefined;
  #isStopped = false;
  #onChange: (() => void)[] = [];
  #pumpSoon: NodeJS.Immediate | undefined;
  readonly #tendTimer: NodeJS.Timeout;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#tendTimer = setInterval(() => this.#tend(), TEND_EVERY_MS).unref();
    void this.#tend();
  }

  /** Takes a batch over. Never throws; counts a batch that cannot be kept as lost. */
  add(batch: Batch): void {
    this.#options.tally.counts.ended += batch.items;
    const reason = this.#isStopped ? 'shutdown' : this.#reasonForNoRoom(batch);
    if (reason) {
      this.#options.tally.lose(reason, batch.items);
      return;
    }
    const item: Item = { batch, isSending: false, isLate: false };
    this.#queue.push(item);
    setTimeout(() => {
      item.isLate = true;
      void this.#spill();
    }, LATE_AFTER_MS).unref();
    // Later: a request may be running now, which should not wait for an export.
    this.#pumpSoon ??= setImmediate(() => this.#pump());
  }

  /** Counts lost items that never became a batch. */
  lose(reason: LossReason, items: number): void {
    this.#options.tally.counts.ended += items;
    this.#options.tally.lose(reason, items);
  }

  /** Resolves when each batch that waits now is sent, or is in the spool, or cannot be sent at the moment. */
  async flush(): Promise<void> {
    this.#pump();
    await this.#until(() => this.#queue.every((item) => !item.isSending && this.#isLate(item)));
    await withinTime(this.#spill(), DISK_TIMEOUT_MS);
  }

  /** Writes every batch without a copy on disk to the spool before it returns; returns how many items the disk did not take. */
  spillSync(): number {
    for (const item of this.#queue) item.file ??= this.#options.spool.writeSync(item.batch);
    this.#options.spool.releaseSync();
    this.#queue = this.#queue.filter(({ file, isSending }) => !file || isSending);
    return this.#unsafeItems;
  }

  /** Sends until `deadlineMs` is over, keeps the rest in the spool, and stops. Does not reject. */
  async shutdown(deadlineMs: number): Promise<void> {
    const { sender, spool, tally } = this.#options;
    await withinTime(this.#sendAll(), deadlineMs);
    this.#isStopped = true;
    clearTimeout(this.#retryTimer);
    clearInterval(this.#tendTimer);
    sender.close();
    await Promise.all(this.#underWay);
    const onDisk = async () => {
      await this.#spilling; // began before
      await this.#spill();
      await spool.close();
    };
    await withinTime(onDisk(), DISK_TIMEOUT_MS);
    tally.lose('shutdown', this.#unsafeItems);
    this.#queue = [];
    tally.finish();
  }

  counters(): DestinationCounters {
    const { name, tally, spool, maxQueueBytes } = this.#options;
    const queue = { items: this.#unsafeItems, bytes: this.#bytes, capacityBytes: maxQueueBytes };
    return { name, ...structuredClone(tally.counts), queue, spool: spool.size };
  }

  async #tend(): Promise<void> {
    await this.#options.spool.tend();
    this.#pump();
  }

  async #sendAll(): Promise<void> {
    await this.#tend();
    const isSpoolDone = () => !this.#isSendingFile && (this.#failures > 0 || this.#options.spool.isEmpty);
    await this.#until(() => this.#queue.length + this.#underWay.size === 0 && isSpoolDone());
  }

  /** Starts the requests that may start now, and has late batches written to the spool. */
  #pump(): void {
    this.#pumpSoon = undefined;
    if (this.#isStopped) return;
    for (const item of this.#queue) if (!item.isSending && this.#maySend) void this.#send(item);
    void this.#sendFiles();
    void this.#spill();
  }

  get #maySend(): boolean {
    if (this.#retryTimer || this.#isStopped) return false;
    return this.#underWay.size < (this.#failures > 0 ? 1 : MAX_UNDER_WAY);
  }

  /** Sends the files of the spool, oldest first and one at a time, so that new batches do not wait for them. */
  async #sendFiles(): Promise<void> {
    const { spool } = this.#options;
    if (this.#isSendingFile) return;
    this.#isSendingFile = true;
    while (!spool.isEmpty && this.#maySend) {
      const taken = await spool.take();
      if (!taken) break;
      if (this.#maySend) await this.#send({ ...taken, isSending: true, isLate: true });
      else spool.putBack(taken.file);
    }
    this.#isSendingFile = false;
    this.#change();
  }

  /** Sends a batch, and keeps the items that the destination did not take. Does not reject. */
  #send(item: Item): Promise<void> {
    item.isSending = true;
    const done = exportBatch(item.batch, this.#options)
      .catch((error: unknown) => ({ rest: item.batch, failure: failureOfError(this.#options.url, error) }))
      .then((unsent) => this.#settle(item, unsent))
      .finally(() => {
        this.#underWay.delete(done);
        this.#pump();
      });
    this.#underWay.add(done);
    return done;
  }

  #settle(item: Item, unsent: Unsent | undefined): void {
    const { batch, file } = item;
    const { rest, failure } = unsent ?? {};
    // A firewall may answer 403 to one batch for a text in it. Such a batch is written behind all others.
    const isOnDisk = file !== undefined && rest === batch && failure?.status !== 403;
    if (isOnDisk) this.#options.spool.putBack(file);
    else if (file) this.#options.spool.finish(file);
    if (rest === undefined || isOnDisk) this.#leave(item);
    else {
      Object.assign(item, { batch: rest, isSending: false, file: undefined });
      if (!this.#queue.includes(item)) this.#queue.unshift(item);
    }
    if (failure) this.#wait(failure.retryAfterSeconds);
    else this.#failures = 0;
  }

  /** Sends nothing for a while. When several requests fail together, the first failure counts. */
  #wait(retryAfterSeconds: number | undefined): void {
    this.#failures ||= 1;
    if (this.#retryTimer || this.#isStopped) return;
    const open = () => {
      this.#retryTimer = undefined;
      this.#pump();
    };
    this.#retryTimer = setTimeout(open, backoffMs(this.#failures++, retryAfterSeconds)).unref();
  }

  /** Has late batches written to the spool, in their order. Does not reject. */
  #spill(): Promise<void> {
    this.#spilling ??= this.#spillLate().finally(() => {
      this.#spilling = undefined;
      this.#change();
    });
    return this.#spilling;
  }

  async #spillLate(): Promise<void> {
    const isDue = (item: Item) => !item.file && this.#isLate(item);
    let item = this.#queue.find(isDue);
    while (item && (await this.#write(item))) item = this.#queue.find(isDue);
  }

  /** Writes a late batch to the spool; falsy when the disk did not take the batch. */
  #write(item: Item): Promise<boolean | undefined> {
    const { batch, isSending } = item;
    return this.#options.spool.write(batch, isSending, (file) => {
      const isSame = item.batch === batch && item.isSending === isSending && !item.file;
      const isWanted = isSame && this.#queue.includes(item); // else it was sent, or failed, meanwhile
      if (isWanted && isSending) item.file = file;
      else if (isWanted) this.#leave(item);
      return isWanted;
    });
  }

  #leave(item: Item): void {
    this.#queue = this.#queue.filter((each) => each !== item);
  }

  /** Resolves when the condition holds; checks the condition after each change. */
  async #until(isDone: () => boolean): Promise<void> {
    while (!isDone()) await new Promise<void>((resolve) => this.#onChange.push(resolve));
  }

  #change(): void {
    for (const resolve of this.#onChange.splice(0)) resolve();
  }

  #reasonForNoRoom({ body, items }: Batch): LossReason | undefined {
    const { maxQueueBytes, maxQueueItems } = this.#options;
    if (body.length > maxQueueBytes) return 'too_large';
    const fits = this.#bytes + body.length <= maxQueueBytes && this.#unsafeItems + items <= maxQueueItems;
    return fits ? undefined : 'queue_full';
  }

  #isLate(item: Item): boolean {
    return item.isLate || this.#failures > 0 || this.#isStopped;
  }

  /** Memory that batches take. */
  get #bytes(): number {
    return this.#queue.reduce((sum, { batch }) => sum + batch.body.length, 0);
  }

  /** Items in memory only: they would be lost with the process. */
  get #unsafeItems(): number {
    return this.#queue.reduce((sum, { batch, file }) => sum + (file ? 0 : batch.items), 0);
  }
}
