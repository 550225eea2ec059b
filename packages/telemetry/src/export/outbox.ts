import { AsyncLocalStorage } from 'node:async_hooks';
import type { ISerializer } from '@opentelemetry/otlp-transformer';
import { withinTime } from '../process/within-time.ts';
import type { DestinationCounters } from '../report/counters.ts';
import type { FailureReporter } from '../report/export-failure.ts';
import { backoffMs } from './backoff.ts';
import type { Batch } from './batch.ts';
import { encodeBatch } from './batch.ts';
import type { BatchTaker } from './batch-processor.ts';
import type { HttpExporter, Outcome } from './http-exporter.ts';
import type { Item } from './signal.ts';
import type { Spool } from './spool.ts';
import type { Tally } from './tally.ts';

export interface OutboxOptions {
  readonly name: string;
  readonly exporter: HttpExporter;
  readonly serializer: ISerializer<Item[], unknown>;
  readonly spool: Spool;
  readonly maxQueueItems: number;
  readonly reporter: FailureReporter;
  readonly tally: Tally;
}

/** Requests under way at once: at 200 ms per round trip, still 20 batches a second. */
const MAX_UNDER_WAY = 4;

/**
 * A batch that has no answer after so many milliseconds is late, and on disk some milliseconds later. With the schedule
 * delay of 300 ms, a killed process loses less than the last 500 ms.
 */
const LATE_AFTER_MS = 150;

/** How often the spool looks for files of other processes, and a failed write is tried again, in milliseconds. */
const TEND_EVERY_MS = 2_000;

/** How long a flush waits for the disk, and a shutdown after its deadline, in milliseconds. */
const DISK_TIMEOUT_MS = 2_000;

/**
 * The queue of one destination. Batches wait in memory. A batch is late after 150 ms without an answer; while the
 * destination fails, every batch is late. A late batch is written to the spool and leaves memory. If the batch is being
 * sent, the spool has a copy until the answer comes.
 */
export class Outbox implements BatchTaker {
  readonly #options: OutboxOptions;
  /** In memory, oldest first. */
  #queue: Batch[] = [];
  readonly #underWay = new Set<Promise<void>>();
  /** Timers and sockets must not keep the context of the request in which a batch became full. */
  readonly #outside = AsyncLocalStorage.snapshot();
  /** Perhaps there are files to send. */
  #hasFiles = false;
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

  /** Takes items over. Never throws; counts items that cannot be kept as lost. */
  add(items: Item[]): void {
    const { tally, maxQueueItems } = this.#options;
    const count = items.length;
    tally.counts.ended += count;
    if (this.#isStopped) tally.lose('shutdown', count);
    else if (this.#unsafeItems + count > maxQueueItems) tally.lose('queue_full', count);
    else this.#outside(() => this.#enqueue({ items, count, isSending: false, isLate: false }));
  }

  #enqueue(batch: Batch): void {
    this.#queue.push(batch);
    setTimeout(() => {
      batch.isLate = true;
      void this.#spill();
    }, LATE_AFTER_MS).unref();
    // Later: a request may be running now, which should not wait for an export.
    this.#pumpSoon ??= setImmediate(() => this.#pump());
  }

  /** Resolves when each batch that waits now is sent, or is in the spool, or cannot be sent at the moment. */
  async flush(): Promise<void> {
    this.#pump();
    await this.#until(() => this.#queue.every((batch) => !batch.isSending && this.#isLate(batch)));
    await withinTime(this.#spill(), DISK_TIMEOUT_MS);
  }

  /** Writes every batch without a copy on disk to the spool before it returns; returns how many items the disk did not take. */
  spillSync(): number {
    const { spool } = this.#options;
    for (const batch of this.#queue)
      batch.file ??= spool.writeSync(encodeBatch(batch, this.#options), batch.count);
    spool.releaseSync();
    this.#queue = this.#queue.filter(({ file, isSending }) => !file || isSending);
    return this.#unsafeItems;
  }

  /** Sends until `deadlineMs` is over, keeps the rest in the spool, and stops. Does not reject. */
  async shutdown(deadlineMs: number): Promise<void> {
    const { exporter, spool, tally } = this.#options;
    await withinTime(this.#sendAll(), deadlineMs);
    this.#isStopped = true;
    clearTimeout(this.#retryTimer);
    clearInterval(this.#tendTimer);
    exporter.close();
    await Promise.all(this.#underWay);
    const onDisk = async () => {
      await this.#spilling; // began before
      await this.#spill();
      await spool.settled();
    };
    await withinTime(onDisk(), DISK_TIMEOUT_MS);
    tally.lose('shutdown', this.#unsafeItems);
    this.#queue = [];
    tally.finish();
  }

  counters(): DestinationCounters {
    const { name, tally, spool, maxQueueItems } = this.#options;
    const queue = { items: this.#unsafeItems, capacity: maxQueueItems };
    return { name, ...structuredClone(tally.counts), queue, spool: spool.size };
  }

  async #tend(): Promise<void> {
    await this.#options.spool.tend();
    this.#hasFiles = true;
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
    for (const batch of this.#queue) if (!batch.isSending && this.#maySend) void this.#send(batch);
    if (this.#hasFiles) void this.#sendFiles();
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
      const { file, body } = taken;
      if (this.#maySend) await this.#send({ body, file, count: file.items, isSending: true, isLate: true });
      else spool.putBack(file);
    }
    this.#isSendingFile = false;
    this.#hasFiles = !spool.isEmpty;
    this.#change();
  }

  /** Sends a batch, and keeps a batch that the destination did not take. Does not reject. */
  #send(batch: Batch): Promise<void> {
    batch.isSending = true;
    const done = this.#export(batch)
      .then((outcome) => this.#settle(batch, outcome))
      .finally(() => {
        this.#underWay.delete(done);
        this.#pump();
      });
    this.#underWay.add(done);
    return done;
  }

  async #export(batch: Batch): Promise<Outcome> {
    const { exporter } = this.#options;
    try {
      if (batch.items) return await exporter.export(batch.items);
    } catch {} // an item that cannot be encoded: below without it
    const body = encodeBatch(batch, this.#options);
    return batch.count === 0 ? { kind: 'taken' } : exporter.send(body, batch.count);
  }

  #settle(batch: Batch, outcome: Outcome): void {
    const { exporter, spool, reporter, tally } = this.#options;
    const { kind, failure } = outcome;
    const { count, file } = batch;
    tally.counts.requests[kind]++;
    if (kind === 'retry') {
      this.#keep(batch, failure?.status === 403);
      reporter.report(outcome.failure);
      this.#wait(outcome.failure.retryAfterSeconds);
      return;
    }
    const lost = kind === 'taken' ? Math.min(outcome.rejected ?? 0, count) : count;
    tally.counts.exported += count - lost;
    if (lost > 0) tally.lose(kind === 'too-large' ? 'too_large' : 'rejected', lost);
    if (file) spool.remove(file);
    this.#leave(batch);
    if (kind === 'too-large')
      reporter.report({ ...outcome.failure, bytes: encodeBatch(batch, this.#options).length });
    else if (failure) reporter.report(failure);
    else if (this.#failures > 0) reporter.recovered(exporter.url);
    this.#failures = 0; // there was an answer
  }

  /** Keeps a batch on disk in its old place, or behind all others: a firewall may answer 403 to one batch for a text in it. */
  #keep(batch: Batch, isBehind: boolean): void {
    const { spool } = this.#options;
    if (batch.file && !isBehind) {
      spool.putBack(batch.file);
      this.#leave(batch);
      return;
    }
    if (batch.file) spool.remove(batch.file);
    Object.assign(batch, { isSending: false, file: undefined });
    if (!this.#queue.includes(batch)) this.#queue.unshift(batch);
  }

  /** Sends nothing for a while. When several requests fail together, the first failure counts. */
  #wait(retryAfterSeconds: number | undefined): void {
    this.#failures ||= 1;
    if (this.#retryTimer || this.#isStopped) return;
    const open = () => {
      this.#retryTimer = undefined;
      this.#hasFiles = true;
      this.#pump();
    };
    this.#retryTimer = setTimeout(open, backoffMs(this.#failures++, retryAfterSeconds)).unref();
  }

  /** Writes late batches to the spool, in their order. Does not reject. */
  #spill(): Promise<void> {
    this.#spilling ??= this.#spillLate().finally(() => {
      this.#spilling = undefined;
      this.#change();
    });
    return this.#spilling;
  }

  async #spillLate(): Promise<void> {
    const isDue = (batch: Batch) => !batch.file && this.#isLate(batch);
    let batch = this.#queue.find(isDue);
    while (batch && (await this.#write(batch))) batch = this.#queue.find(isDue);
  }

  /** Writes a batch to the spool; false when the disk did not take the batch. */
  async #write(batch: Batch): Promise<boolean> {
    const { spool } = this.#options;
    const body = encodeBatch(batch, this.#options);
    const file = batch.count === 0 ? undefined : await spool.write(body, batch.count);
    if (!file) return false;
    if (batch.file || !this.#queue.includes(batch))
      spool.remove(file); // sent, or written again, meanwhile
    else if (batch.isSending) batch.file = file;
    else {
      spool.putBack(file);
      this.#leave(batch);
      this.#hasFiles = true;
    }
    return true;
  }

  #leave(batch: Batch): void {
    this.#queue = this.#queue.filter((each) => each !== batch);
  }

  /** Resolves when the condition holds; checks the condition after each change. */
  async #until(isDone: () => boolean): Promise<void> {
    while (!isDone()) await new Promise<void>((resolve) => this.#onChange.push(resolve));
  }

  #change(): void {
    for (const resolve of this.#onChange.splice(0)) resolve();
  }

  #isLate(batch: Batch): boolean {
    return batch.isLate || this.#failures > 0 || this.#isStopped;
  }

  /** Items in memory only: they would be lost with the process. */
  get #unsafeItems(): number {
    return this.#queue.reduce((sum, { file, count }) => sum + (file ? 0 : count), 0);
  }
}
