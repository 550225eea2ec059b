import type { DestinationCounters, LossReason } from '../counters.ts';
import type { Logger } from '../logger.ts';
import type { Batch } from '../wire/batch.ts';
import { withinTime } from '../within-time.ts';
import type { ExportOptions, Undelivered } from './export-batch.ts';
import { exportBatch } from './export-batch.ts';
import { RetryGate } from './retry-gate.ts';
import type { SpoolOptions } from './spool.ts';
import { Spool } from './spool.ts';
import type { SpoolFile } from './spool-folder.ts';
import { Tally } from './tally.ts';

export interface OutboxOptions extends Omit<ExportOptions, 'tally'> {
  readonly name: string;
  readonly log: Logger;
  readonly spool: Omit<SpoolOptions, 'tally' | 'maxItems' | 'what' | 'log'> | undefined;
  readonly maxQueueBytes: number;
  readonly maxQueueItems: number;
  readonly maxBatchItems: number;
}

/** Requests under way at once: at 200 ms per round trip, still 20 batches a second. */
const MAX_UNDER_WAY = 4;

/**
 * A batch that has no answer after so many milliseconds is late. With the schedule delay, a killed process loses less
 * than the last 500 ms.
 */
const LATE_AFTER_MS = 150;

/** When a disk that took nothing is asked again, in milliseconds. */
const SPILL_AGAIN_MS = 500;

/** How often the spool looks for what other processes have left, in milliseconds. */
const TEND_EVERY_MS = 2_000;

/** How long a flush waits for the disk, and a shutdown after its deadline, in milliseconds. */
const DISK_TIMEOUT_MS = 2_000;

/** The spool is sent at this rate, in bytes per millisecond: 4 MiB/s. */
const SPOOL_RATE = (4 * 1024 * 1024) / 1_000;

/** A batch that waits or is sent. */
interface Item {
  readonly batch: Batch;
  /** When it was added, by performance.now(). */
  readonly since: number;
  isSending: boolean;
  /** Where it is on disk too, while it is sent. */
  file?: SpoolFile | undefined;
}

/**
 * What waits for one destination. Batches wait in memory. All are late while the destination fails, and each that has had
 * no answer for 150 ms. A late batch is written to the spool and leaves memory, or, while it is sent, has a copy there.
 * The spool is sent beside what comes newly, one file at a time, oldest first.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #tally: Tally;
  readonly #gate = new RetryGate(() => this.#pump());
  readonly #spool: Spool | undefined;
  /** In memory, oldest first. */
  #queue: Item[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #spilling: Promise<void> | undefined;
  #isDraining = false;
  #nextFileAt = 0;
  /** Whether a person has to mend something: then the spool waits until something is taken. */
  #isHeld = false;
  /** Whether the process ends: the rate of the spool does not matter any more. */
  #isEnding = false;
  #isStopped = false;
  #onChange: (() => void)[] = [];
  #pumpSoon: NodeJS.Immediate | undefined;
  #spillTimer: NodeJS.Timeout | undefined;
  #tendTimer: NodeJS.Timeout | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    const { name, signal, log, spool, maxBatchItems: maxItems } = options;
    const what = `${signal.Items} for ${name}`;
    this.#tally = new Tally(what, log);
    if (spool === undefined) return;
    const kept = new Spool({ ...spool, what, log, maxItems, tally: this.#tally });
    const tend = () => void kept.tend().then(() => this.#pump());
    this.#spool = kept;
    this.#tendTimer = setInterval(tend, TEND_EVERY_MS).unref();
    tend();
  }

  /** Takes a batch over. Never throws; what cannot be kept is counted. */
  add(batch: Batch): void {
    this.#tally.ended += batch.items;
    const reason = this.#isStopped ? 'shutdown' : this.#reasonForNoRoom(batch);
    if (reason === undefined) this.#queue.push({ batch, since: performance.now(), isSending: false });
    else this.#tally.lose(reason, batch.items);
    // Not now: this may be within a request, which should not wait for another one to be written.
    this.#pumpSoon ??= setImmediate(() => this.#pump());
  }

  /** Counts items that never became a batch. */
  lose(reason: LossReason, items: number): void {
    this.#tally.ended += items;
    this.#tally.lose(reason, items);
  }

  /** Resolves when what waits now is sent, or is in the spool, or cannot be sent at the moment. */
  async flush(): Promise<void> {
    this.#pump();
    const isWaiting = (item: Item) => item.isSending || !(this.#gate.isFailing || this.#isLate(item));
    await this.#until(() => !this.#queue.some(isWaiting));
    await withinTime(this.#spill(), DISK_TIMEOUT_MS);
  }

  /** Writes what is in memory only to the spool before it returns; returns how many items could not be kept. */
  spillSync(): number {
    const unsafe = this.#queue.filter(({ file }) => !file);
    const files = this.#spool?.writeSync(unsafe.map(({ batch }) => batch)) ?? [];
    for (const [index, item] of unsafe.entries()) item.file = files[index];
    this.#queue = this.#queue.filter(({ file, isSending }) => !file || isSending);
    return this.#unsafeItems;
  }

  /** Sends what can be sent until `deadlineMs` is over, keeps the rest in the spool, and stops. Does not reject. */
  async shutdown(deadlineMs: number): Promise<void> {
    this.#isEnding = true;
    await withinTime(this.#sendAll(), deadlineMs);
    this.#isStopped = true;
    this.#gate.close();
    clearInterval(this.#tendTimer);
    clearTimeout(this.#spillTimer);
    this.#options.sender.close();
    await Promise.all(this.#underWay);
    const onDisk = this.#spill().then(() => this.#spool?.close());
    await withinTime(onDisk, DISK_TIMEOUT_MS);
    this.#tally.lose('shutdown', this.#unsafeItems);
    this.#queue = [];
    this.#tally.finish();
  }

  counters(): DestinationCounters {
    const { name, maxQueueBytes } = this.#options;
    const queue = { items: this.#unsafeItems, bytes: this.#bytes, capacityBytes: maxQueueBytes };
    return { name, ...this.#tally.counts(), queue, ...(this.#spool && { spool: this.#spool.size }) };
  }

  /** Starts what may be sent now, and has written down what is late. */
  #pump(): void {
    this.#pumpSoon = undefined;
    if (this.#isStopped) return;
    const { isFailing, isShut } = this.#gate;
    for (const item of isShut ? [] : this.#queue) {
      // What is late follows what is on disk.
      const isNext = !item.isSending && !(this.#isLate(item) && this.#spool?.isEmpty === false);
      if (isNext && this.#underWay.size < (isFailing ? 1 : MAX_UNDER_WAY)) void this.#send(item);
    }
    if (this.#spool) void this.#drain(this.#spool);
    void this.#spill();
    this.#change();
  }

  /** Sends a batch, and sees to it that what was not taken waits again. Does not reject. */
  #send(item: Item): Promise<void> {
    item.isSending = true;
    const isKept = !this.#queue.includes(item) && !item.file?.isRefused;
    const held = () => (this.#spool?.size.items ?? 0) - (isKept ? 0 : (item.file?.items ?? 0));
    const { log, signal } = this.#options;
    const done = exportBatch(item.batch, isKept, held, { ...this.#options, tally: this.#tally })
      .then((undelivered) => this.#settle(item, undelivered))
      .catch((error: unknown) => log.error({ err: error }, `${signal.Items} could not be sent`))
      .finally(() => {
        this.#underWay.delete(done);
        this.#pump();
      });
    this.#underWay.add(done);
    return done;
  }

  #settle(item: Item, undelivered: Undelivered | undefined): void {
    item.isSending = false;
    const { rest, failure, isMisconfigured = false } = undelivered ?? {};
    const isWhole = rest === item.batch;
    if (!isWhole || item.file) this.#queue = this.#queue.filter((each) => each !== item);
    if (item.file && isWhole) this.#spool?.putBack(item.file);
    else if (item.file) this.#spool?.finish(item.file);
    if (rest && !isWhole) this.#queue.unshift({ ...item, batch: rest, file: undefined });
    if (failure && !isMisconfigured) this.#gate.failed(failure.retryAfterSeconds);
    else this.#gate.succeeded(); // it answers
    if (item.file && isMisconfigured) item.file.isRefused = true;
    if (!failure || isMisconfigured) this.#isHeld = isMisconfigured;
  }

  /** Sends the oldest file of the spool, unless one is being sent, or it is too early. */
  async #drain(spool: Spool): Promise<void> {
    if (this.#isDraining || spool.isEmpty || !this.#mayDrain) return;
    this.#isDraining = true;
    const taken = await spool.take();
    if (taken && !this.#mayDrain) spool.putBack(taken.file);
    else if (taken) {
      const paceMs = this.#isEnding ? 0 : taken.batch.body.length / SPOOL_RATE;
      this.#nextFileAt = performance.now() + paceMs;
      await this.#send({ ...taken, since: 0, isSending: true });
      setTimeout(() => this.#pump(), Math.max(0, this.#nextFileAt - performance.now())).unref();
    }
    this.#isDraining = false;
    this.#change();
  }

  get #mayDrain(): boolean {
    const { isShut, isFailing } = this.#gate;
    const isBusy = isFailing && this.#underWay.size > 0;
    const isEarly = !this.#isEnding && performance.now() < this.#nextFileAt;
    return !(isShut || isBusy || isEarly || this.#isHeld || this.#isStopped);
  }

  /** Has what is late written to the spool, in its order. Does not reject. */
  async #spill(): Promise<void> {
    const spool = this.#spool;
    if (!spool) return;
    this.#spilling ??= this.#spillLate(spool).finally(() => {
      this.#spilling = undefined;
      void this.#drain(spool);
      this.#change();
    });
    await this.#spilling;
    await spool.settled();
  }

  async #spillLate(spool: Spool): Promise<void> {
    clearTimeout(this.#spillTimer);
    const isDue = (item: Item) => !item.file && this.#isLate(item);
    for (let item = this.#queue.find(isDue); item; item = this.#queue.find(isDue)) {
      await this.#write(spool, item);
      if (this.#queue.includes(item) && !item.file) break; // the disk did not take it
    }
    const oldest = this.#queue.find(({ file }) => !file);
    if (!oldest || this.#isStopped) return;
    const waitMs = oldest.since + LATE_AFTER_MS - performance.now();
    this.#spillTimer = setTimeout(() => void this.#spill(), waitMs > 0 ? waitMs : SPILL_AGAIN_MS).unref();
  }

  async #write(spool: Spool, item: Item): Promise<void> {
    const leave = () => {
      const isWanted = !item.isSending && this.#queue.includes(item);
      if (isWanted) this.#queue = this.#queue.filter((each) => each !== item);
      return isWanted;
    };
    if (!item.isSending) return spool.append(item.batch, leave);
    const file = await spool.keep(item.batch);
    if (!file) return;
    if (item.isSending) item.file = file;
    else if (leave()) spool.putBack(file);
    else spool.finish(file);
  }

  async #sendAll(): Promise<void> {
    await this.#spool?.tend();
    this.#pump();
    await this.#until(() => {
      const isSpoolDone = this.#gate.isFailing || this.#isHeld || this.#spool?.isEmpty !== false;
      return this.#underWay.size + this.#queue.length === 0 && !this.#isDraining && isSpoolDone;
    });
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
    const fits = this.#bytes + body.length <= maxQueueBytes;
    if (this.#spool ? fits || this.#bytes === 0 : fits && this.#unsafeItems + items <= maxQueueItems)
      return undefined;
    if (body.length > maxQueueBytes) return 'too_large';
    return this.#spool?.isVolumeFull ? 'disk_full' : 'queue_full';
  }

  #isLate({ since }: Item): boolean {
    const isWaitOver = performance.now() - since >= LATE_AFTER_MS;
    return this.#spool !== undefined && (isWaitOver || this.#gate.isFailing || this.#isStopped);
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
