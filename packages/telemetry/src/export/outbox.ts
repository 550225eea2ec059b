import type { DestinationCounters, LossReason } from '../counters.ts';
import { failureOfError } from '../failures/export-failure.ts';
import type { Batch } from '../wire/batch.ts';
import { withinTime } from '../within-time.ts';
import { Backlog } from './backlog.ts';
import { backoffMs } from './backoff.ts';
import type { ExportOptions, Undelivered } from './export-batch.ts';
import { exportBatch } from './export-batch.ts';
import type { Spool } from './spool.ts';
import type { SpoolFile } from './spool-folder.ts';

export interface OutboxOptions extends ExportOptions {
  /** How messages call the destination. */
  readonly name: string;
  readonly spool: Spool;
  /** What waits in memory at most. */
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

/** How often the folder of the spool is looked at, and a disk that took nothing is asked again, in milliseconds. */
const TEND_EVERY_MS = 2_000;

/** How long a flush waits for the disk, and a shutdown after its deadline, in milliseconds. */
const DISK_TIMEOUT_MS = 2_000;

/** A batch that waits or is sent. */
interface Item {
  batch: Batch;
  isSending: boolean;
  isLate: boolean;
  /** Where it is on disk too, while it is sent. */
  file?: SpoolFile | undefined;
}

/**
 * What waits for one destination. Batches wait in memory. All are late while the destination fails, and each that has had
 * no answer for 150 ms. A late batch is written to the spool and leaves memory, or, while it is sent, has a copy there.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #backlog: Backlog;
  /** In memory, oldest first. */
  #queue: Item[] = [];
  readonly #underWay = new Set<Promise<void>>();
  /** In a row. While there are any, one request at a time goes out. */
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
    this.#backlog = new Backlog({
      spool: options.spool,
      maySend: () => this.#maySend,
      send: (taken) => this.#send({ ...taken, isSending: true, isLate: true }),
    });
    this.#tendTimer = setInterval(() => this.#tend(), TEND_EVERY_MS).unref();
    void this.#tend();
  }

  /** Takes a batch over. Never throws; what cannot be kept is counted. */
  add(batch: Batch): void {
    this.#options.tally.ended += batch.items;
    const reason = this.#isStopped ? 'shutdown' : this.#reasonForNoRoom(batch);
    if (reason) this.#options.tally.lose(reason, batch.items);
    else this.#enqueue({ batch, isSending: false, isLate: false });
  }

  #enqueue(item: Item): void {
    this.#queue.push(item);
    setTimeout(() => {
      item.isLate = true;
      void this.#spill();
    }, LATE_AFTER_MS).unref();
    // Not now: this may be within a request, which should not wait for another one to be written.
    this.#pumpSoon ??= setImmediate(() => this.#pump());
  }

  /** Counts items that never became a batch. */
  lose(reason: LossReason, items: number): void {
    this.#options.tally.ended += items;
    this.#options.tally.lose(reason, items);
  }

  /** Resolves when what waits now is sent, or is in the spool, or cannot be sent at the moment. */
  async flush(): Promise<void> {
    this.#pump();
    await this.#until(() => this.#queue.every((item) => !item.isSending && this.#isLate(item)));
    await withinTime(this.#spill(), DISK_TIMEOUT_MS);
  }

  /** Writes what is in memory only to the spool before it returns; returns how many items could not be kept. */
  spillSync(): number {
    const unsafe = this.#queue.filter(({ file }) => !file);
    const files = this.#options.spool.writeSync(unsafe.map(({ batch }) => batch));
    for (const [index, item] of unsafe.entries()) item.file = files[index];
    this.#queue = this.#queue.filter(({ file, isSending }) => !file || isSending);
    return this.#unsafeItems;
  }

  /** Sends what can be sent until `deadlineMs` is over, keeps the rest in the spool, and stops. Does not reject. */
  async shutdown(deadlineMs: number): Promise<void> {
    this.#backlog.isEnding = true;
    await withinTime(this.#sendAll(), deadlineMs);
    this.#isStopped = true;
    clearTimeout(this.#retryTimer);
    clearInterval(this.#tendTimer);
    this.#options.sender.close();
    await Promise.all(this.#underWay);
    const onDisk = async () => {
      await this.#spill(); // perhaps one that began before
      await this.#spill();
      await this.#options.spool.close();
    };
    await withinTime(onDisk(), DISK_TIMEOUT_MS);
    this.#options.tally.lose('shutdown', this.#unsafeItems);
    this.#queue = [];
    this.#options.tally.finish();
  }

  counters(): DestinationCounters {
    const { name, tally, spool, maxQueueBytes } = this.#options;
    const queue = { items: this.#unsafeItems, bytes: this.#bytes, capacityBytes: maxQueueBytes };
    return { name, ...tally.counts(), queue, spool: spool.size };
  }

  async #tend(): Promise<void> {
    await this.#options.spool.tend();
    this.#pump();
  }

  async #sendAll(): Promise<void> {
    await this.#tend();
    const isDone = () => this.#queue.length + this.#underWay.size === 0;
    await this.#until(() => isDone() && this.#backlog.isDone(this.#failures > 0));
  }

  /** Starts what may be sent now, and has written down what is late. */
  #pump(): void {
    this.#pumpSoon = undefined;
    if (this.#isStopped) return;
    for (const item of this.#queue) if (!item.isSending && this.#maySend) void this.#send(item);
    void this.#backlog.send().then(() => this.#change());
    void this.#spill();
  }

  get #maySend(): boolean {
    if (this.#retryTimer || this.#isStopped) return false;
    return this.#underWay.size < (this.#failures > 0 ? 1 : MAX_UNDER_WAY);
  }

  /** Sends a batch, and sees to it that what was not taken waits again. Does not reject. */
  #send(item: Item): Promise<void> {
    const { batch, file } = item;
    item.isSending = true;
    const isKept = file !== undefined && !this.#queue.includes(item) && !this.#backlog.isRefused(file);
    const done = exportBatch(batch, isKept, this.#options)
      .catch((error: unknown) => ({
        rest: batch,
        failure: failureOfError(this.#options.url, error),
        lost: 0,
      }))
      .then((undelivered) => this.#settle(item, undelivered))
      .finally(() => {
        this.#underWay.delete(done);
        this.#pump();
      });
    this.#underWay.add(done);
    return done;
  }

  #settle(item: Item, undelivered: Undelivered | undefined): void {
    const { rest, failure, lost = 0, isToMend = false } = undelivered ?? {};
    const { file } = item;
    const isOnDisk = file !== undefined && rest === item.batch;
    if (isOnDisk) this.#options.spool.putBack(file);
    else if (file) this.#options.spool.finish(file);
    item.isSending = false;
    item.file = undefined;
    if (rest === undefined || isOnDisk) this.#leave(item);
    else {
      item.batch = rest;
      if (!this.#queue.includes(item)) this.#queue.unshift(item);
    }
    this.#backlog.settled(undelivered, file);
    if (failure && !isToMend) this.#wait(failure.retryAfterSeconds);
    else this.#failures = 0; // it answers
    if (failure) this.#options.reporter.report(failure, lost, isToMend ? this.#options.spool.size.items : 0);
  }

  /** Sends nothing for a while. Of several failures of requests that were under way together, the first one counts. */
  #wait(retryAfterSeconds: number | undefined): void {
    this.#failures ||= 1;
    if (this.#retryTimer || this.#isStopped) return;
    const open = () => {
      this.#retryTimer = undefined;
      this.#pump();
    };
    this.#retryTimer = setTimeout(open, backoffMs(this.#failures++, retryAfterSeconds)).unref();
  }

  /** Has what is late written to the spool, in its order. Does not reject. */
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

  /** Writes a late batch to the spool; false when the disk did not take it. */
  async #write(item: Item): Promise<boolean> {
    const { batch, isSending: wasSending } = item;
    let isWritten = false;
    await this.#options.spool.write(batch, wasSending, (file) => {
      isWritten = true;
      const isSame = this.#queue.includes(item) && item.batch === batch;
      if (!isSame || (item.isSending && !wasSending)) return false; // it was sent from memory, or is
      if (item.isSending) item.file = file;
      else this.#leave(item);
      if (wasSending && !item.isSending) this.#options.spool.putBack(file);
      return true;
    });
    return isWritten;
  }

  #leave(item: Item): void {
    this.#queue = this.#queue.filter((each) => each !== item);
  }

  /** Resolves when the condition holds; it is looked at when something has changed. */
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
