import { AsyncLocalStorage } from 'node:async_hooks';
import {
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
  structuredClone,
} from '../../common/primordials.ts';
import { withinTime } from '../../common/within-time.ts';
import type { ExportRequest } from './batch-processor.ts';
import type { DestinationCounters } from './counters.ts';
import type { DestinationReport } from './destination-report.ts';
import { isOfOneRequest } from './export-failure.ts';
import type { HttpExporter, Outcome } from './http-exporter.ts';
import type { Batch } from './outbox-batch.ts';
import { halfBatches } from './outbox-batch.ts';
import type { Spool } from './spool.ts';

export interface OutboxOptions {
  readonly name: string;
  readonly exporter: HttpExporter;
  readonly spool: Spool;
  readonly maxQueueItems: number;
  readonly report: DestinationReport;
}

/**
 * Most requests at once: with round trips of 200 ms, 16 carry 80 batches a second, 40,960 spans. Unless open, all batches go to
 * the spool. After a failure comes a pause, then failing until a success.
 */
const REQUESTS = { open: 16, paused: 0, failing: 1, stopped: 0 };
/**
 * A batch without an answer after this time is late, and is on disk some milliseconds later. With the schedule delay of
 * 300 ms, a killed process loses less than the last 500 ms.
 */
const LATE_AFTER_MS = 150;
/** Longest pause after a failed export. The exporter has repeated the request by then. */
const MAX_PAUSE_MS = 5_000;
/** Time between two searches for files of other processes, and before a failed write is repeated. */
const TEND_EVERY_MS = 2_000;
/** Longest wait of a flush for answers, and of a flush or a shutdown for the disk, in milliseconds. */
const WAIT_MS = 2_000;

/** The queue of one destination. Batches wait in memory, and those that are late, or all by the mode, in the spool. */
export class Outbox {
  readonly #options: OutboxOptions;
  #queue: Batch[] = []; // oldest first
  #underWay = 0;
  /** Timers and sockets must not keep the context of the request that filled a batch. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #mode: keyof typeof REQUESTS = 'open';
  #files: 'none' | 'perhaps' | 'sending' = 'none'; // of the spool, to send
  #spilling: Promise<void> | undefined;
  /** One item alone was too large, and nothing was taken since: a backend that takes none must not get each of them. */
  #takesNone = false;
  #onChange: (() => void)[] = [];
  readonly #tendTimer: NodeJS.Timeout;

  constructor(options: OutboxOptions) {
    this.#options = options;
    // Not at once: a script of one second must not wait for a backend that is down.
    this.#tendTimer = setInterval(() => this.#tend(), TEND_EVERY_MS).unref();
  }

  /** Takes the items of a batch over. Never throws. Items without space count as lost. */
  add(request: ExportRequest): void {
    const { report, maxQueueItems } = this.#options;
    const { length: items } = request;
    report.counts.ended += items;
    if (this.#mode === 'stopped') report.lose('shutdown', items);
    else if (this.#unsafeItems + items > maxQueueItems) report.lose('queue_full', items);
    else this.#outside(() => this.#enqueue({ request, items, state: 'waiting' }));
  }

  #enqueue(batch: Batch): void {
    this.#queue.push(batch);
    batch.timer = setTimeout(() => {
      batch.timer = undefined;
      void this.#spill();
    }, LATE_AFTER_MS);
    batch.timer.unref();
    setImmediate(() => this.#pump()); // the service's request comes first
  }

  /** Resolves when each waiting batch is sent, or is in the spool, or cannot be sent at the moment. */
  async flush(): Promise<void> {
    this.#pump();
    const isDone = () => this.#mode !== 'open' || this.#queue.length === 0;
    await withinTime(this.#until(isDone), WAIT_MS);
    await withinTime(this.#spill(), WAIT_MS);
  }

  /**
   * Synchronous. Writes every batch without a copy on disk to the spool. What the disk does not take is lost where the thread
   * ends. Returns the number of these items.
   */
  spillSync(isLast: boolean): number {
    const { spool, report } = this.#options;
    for (const batch of this.#queue)
      batch.file ??= spool.writeSync(this.#encode(batch), batch.items, batch.state === 'sending');
    const unsafe = this.#unsafeItems;
    if (isLast) {
      spool.releaseSync();
      report.lose('shutdown', unsafe);
    }
    this.#queue = this.#queue.filter(({ file, state }) => (file ? state !== 'waiting' : !isLast));
    return unsafe;
  }

  /** Gives away the batches that the disk did not take, at the end of the process, also those that are under way. */
  takeUnsaved(): { readonly body: Uint8Array; readonly items: number }[] {
    const unsaved = this.#queue.filter(({ file }) => !file);
    this.#queue = this.#queue.filter(({ file }) => file);
    return unsaved.map((batch) => ({ body: this.#encode(batch), items: batch.items }));
  }

  /** Sends until `deadlineMs` is over, keeps the rest in the spool, and stops. Does not reject. */
  async shutdown(deadlineMs: number): Promise<void> {
    const { exporter, spool, report } = this.#options;
    await withinTime(this.#sendAll(), deadlineMs);
    this.#mode = 'stopped';
    clearInterval(this.#tendTimer);
    exporter.close();
    const written = this.#spill().then(() => this.#spill()); // the first call waits for earlier writes
    const onDisk = written.then(() => spool.settled());
    await withinTime(onDisk, WAIT_MS);
    spool.releaseSync();
    report.lose('shutdown', this.#unsafeItems);
    this.#queue = [];
  }

  counters(): DestinationCounters {
    const { name, report, spool, maxQueueItems: capacity } = this.#options;
    const queue = { items: this.#unsafeItems, capacity };
    return { name, ...structuredClone(report.counts), queue, spool: spool.size };
  }

  async #tend(): Promise<void> {
    await this.#options.spool.tend();
    if (this.#files !== 'sending') this.#files = this.#options.spool.isEmpty ? 'none' : 'perhaps';
    this.#pump();
  }

  async #sendAll(): Promise<void> {
    await this.#tend();
    const { spool } = this.#options;
    const isSpoolDone = () => this.#mode !== 'open' || (this.#files !== 'sending' && spool.isEmpty);
    await this.#until(() => this.#queue.length + this.#underWay === 0 && isSpoolDone());
  }

  /** Starts the requests that may start now, and the writes of late batches to the spool. */
  #pump(): void {
    if (this.#mode === 'stopped') return;
    for (const batch of this.#queue) if (batch.state === 'waiting' && this.#maySend) void this.#send(batch);
    if (this.#files === 'perhaps') void this.#sendFiles();
    void this.#spill();
  }

  get #maySend(): boolean {
    return this.#underWay < REQUESTS[this.#mode];
  }

  async #send(batch: Batch): Promise<void> {
    const { spool } = this.#options;
    batch.state = 'sending';
    const outcome = await this.#request(this.#encode(batch), batch.items);
    if (outcome === undefined) return;
    const { file } = batch;
    const isDone = outcome.kind !== 'retry';
    batch.state = 'waiting';
    batch.file = undefined;
    if (file && isDone) spool.remove(file);
    if (file && !isDone) spool.putBack(file); // from now on, the spool sends the batch
    if (file || isDone) this.#leave(batch);
    this.#pump();
  }

  /** Sends the files of the spool, oldest first. One file at a time leaves requests for new batches. */
  async #sendFiles(): Promise<void> {
    const { spool } = this.#options;
    this.#files = 'sending';
    while (!spool.isEmpty && this.#maySend) {
      const taken = await spool.take();
      if (!taken) break;
      const { file, body } = taken;
      const outcome = await this.#request(body, file.items);
      if (outcome === undefined) return;
      if (outcome.kind !== 'retry') spool.remove(file);
      else spool.putBack(file, { isBehind: isOfOneRequest(outcome.failure) });
      this.#pump();
      await this.#spill(); // memory has halves of one file at most
    }
    this.#files = spool.isEmpty ? 'none' : 'perhaps';
    this.#change();
  }

  /** Sends a request, then counts and reports the outcome. Undefined when the outbox has stopped meanwhile. */
  async #request(body: Uint8Array, count: number) {
    const { exporter, report } = this.#options;
    this.#underWay++;
    const outcome = await exporter.send(body, count);
    this.#underWay--;
    if (this.#mode === 'stopped') return undefined; // shutdown has counted the items
    if (!this.#halve(outcome, body)) report.settled(outcome, count, body.length);
    if (outcome.kind === 'retry') this.#fail();
    else if (this.#mode === 'failing') {
      if (!outcome.failure) report.recovered(exporter.url);
      this.#mode = 'open';
    }
    return outcome;
  }

  /**
   * The halves of a request that was too large are sent before all others, and are on disk meanwhile, because their items
   * have waited already. @returns false for a request that has none
   */
  #halve({ kind }: Outcome, body: Uint8Array): boolean {
    if (kind === 'taken') this.#takesNone = false;
    if (kind !== 'too-large') return false;
    const halves = this.#takesNone ? [] : halfBatches(body);
    this.#takesNone = halves.length === 0;
    if (this.#takesNone) return false;
    this.#options.report.counts.requests[kind]++;
    this.#queue.unshift(...halves);
    return true;
  }

  /** Pauses. The pause is shortened at random, so that many processes do not come back at once. */
  #fail(): void {
    if (this.#mode === 'paused') return;
    this.#mode = 'paused';
    const goOn = () => {
      if (this.#mode !== 'paused') return; // stopped
      this.#mode = 'failing';
      if (this.#files === 'none') this.#files = 'perhaps';
      this.#pump();
    };
    setTimeout(goOn, MAX_PAUSE_MS * (0.5 + Math.random() / 2)).unref();
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
    const isDue = ({ file, timer }: Batch) => !file && (timer === undefined || this.#mode !== 'open');
    for (let batch = this.#queue.find(isDue); batch; batch = this.#queue.find(isDue))
      if (!(await this.#write(batch))) return;
  }

  /** Writes a batch to the spool; false when the disk did not take the batch. */
  async #write(batch: Batch): Promise<boolean> {
    const { spool } = this.#options;
    const file = await spool.write(this.#encode(batch), batch.items);
    if (!file) return false;
    if (batch.file || !this.#queue.includes(batch))
      spool.remove(file); // the batch was sent or written meanwhile
    else if (batch.state === 'sending') batch.file = file;
    else {
      spool.putBack(file);
      this.#leave(batch);
      if (this.#files === 'none') this.#files = 'perhaps';
    }
    return true;
  }

  /** The request of a batch. Items that cannot be encoded leave the batch, and count as lost. */
  #encode(batch: Batch): Uint8Array {
    const body = batch.request.encode();
    const lost = batch.items - batch.request.length;
    batch.items -= lost;
    if (lost > 0) this.#options.report.lose('unencodable', lost);
    return body;
  }

  #leave(batch: Batch): void {
    clearTimeout(batch.timer); // which would keep the items in memory
    this.#queue = this.#queue.filter((each) => each !== batch);
    this.#change();
  }

  async #until(isDone: () => boolean): Promise<void> {
    while (!isDone()) await new Promise<void>((resolve) => this.#onChange.push(resolve));
  }

  #change(): void {
    for (const resolve of this.#onChange.splice(0)) resolve();
  }

  /** Items in memory only, which a killed process loses. */
  get #unsafeItems(): number {
    return this.#queue.reduce((sum, { file, items }) => sum + (file ? 0 : items), 0);
  }
}
