import type { DestinationCounters, LossReason } from '../counters.ts';
import type { Logger } from '../logger.ts';
import type { Batch } from '../wire/batch.ts';
import { withinTime } from '../within-time.ts';
import type { DeliverOptions, Undelivered } from './deliver.ts';
import { deliver } from './deliver.ts';
import { DrainPace } from './drain-pace.ts';
import type { QueuedBatch } from './memory-queue.ts';
import { MemoryQueue } from './memory-queue.ts';
import { openSpool } from './open-spool.ts';
import { RetryGate } from './retry-gate.ts';
import type { Sender } from './sender.ts';
import type { SignalName } from './signal.ts';
import { SpillTimer } from './spill-timer.ts';
import type { Spool } from './spool.ts';
import { itemsOf } from './spool-file.ts';
import type { SpoolOptions } from './spool-options.ts';
import { createTally, Losses } from './tally.ts';
import { Waiters } from './waiters.ts';

export interface OutboxOptions {
  readonly name: string;
  readonly signal: SignalName;
  readonly url: string;
  readonly sender: Sender;
  readonly reporter: DeliverOptions['reporter'];
  readonly log: Logger;
  readonly spool: Pick<SpoolOptions, 'directory' | 'root' | 'maxBytes' | 'statfs' | 'files'> | undefined;
  readonly maxQueueBytes: number;
  readonly maxQueueItems: number;
  readonly maxBatchItems: number;
  readonly maxBatchBytes: number;
}

/** Requests under way at once: at 200 ms per round trip, still 20 batches a second. */
const MAX_UNDER_WAY = 4;

/** How often the spool looks for what ended processes have left, and says that this one lives, in milliseconds. */
const TEND_EVERY_MS = 2_000;

/** How long a flush waits for the disk, and a shutdown after its deadline, in milliseconds. */
const DISK_TIMEOUT_MS = 2_000;

/** What waits for one destination: in memory for a moment, and in the spool when that was not enough. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #tally = createTally();
  readonly #losses: Losses;
  readonly #gate = new RetryGate(() => this.#pump());
  readonly #spool: Spool | undefined;
  readonly #memory = new MemoryQueue();
  readonly #spillTimer = new SpillTimer(this.#memory, (latest) => this.#spill(latest));
  readonly #pace = new DrainPace(() => this.#pump());
  readonly #waiters = new Waiters();
  #isStopping = false;
  #isStopped = false;
  #isTaking = false;
  /** `requests.taken` when the destination last refused something that a person has to mend. */
  #heldAt: number | undefined;
  #pumpSoon: NodeJS.Immediate | undefined;
  #tendTimer: NodeJS.Timeout | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    const { name, signal, log, spool } = options;
    this.#losses = new Losses(`${signal.Items} for ${name}`, name, log, this.#tally);
    if (spool === undefined) return;
    const owner = { name, signal, log, tally: this.#tally, losses: this.#losses };
    const { maxQueueBytes: maxUnwrittenBytes } = options;
    const onUnwritten = (batch: Batch) => this.#keepInMemory(batch);
    this.#spool = openSpool(owner, { ...spool, maxUnwrittenBytes, onUnwritten });
    void this.#tend();
    this.#tendTimer = setInterval(() => void this.#tend(), TEND_EVERY_MS).unref();
  }

  /** Takes a batch over. Never throws; what cannot be kept is counted. */
  add(batch: Batch): void {
    this.#tally.ended += batch.items;
    if (this.#isStopped) {
      this.#lose('shutdown', batch.items);
      return;
    }
    const isSpooled = (this.#gate.isFailing || !this.#hasRoom(batch)) && this.#spool?.append(batch) === true;
    if (!isSpooled) this.#keepInMemory(batch);
    this.#pumpLater();
  }

  /** Counts items that never became a batch. */
  lose(reason: LossReason, items: number): void {
    this.#tally.ended += items;
    this.#lose(reason, items);
  }

  /** Resolves when what waits now is sent, or is in the spool, or cannot be sent at the moment. */
  async flush(): Promise<void> {
    this.#pump();
    const memory = this.#memory;
    await this.#waiters.until(
      () => !memory.isSendingLive && (memory.waiting.length === 0 || this.#gate.isFailing),
    );
    await this.#diskSettled();
  }

  /** Writes what is in memory only to the spool before it returns; returns how many items could not be kept. */
  spillSync(): number {
    this.#spill();
    this.#spool?.settleSync();
    return this.#unsafeItems;
  }

  /** Sends what can be sent until `deadlineMs` is over, keeps the rest in the spool, and stops. Does not reject. */
  async shutdown(deadlineMs: number): Promise<void> {
    this.#isStopping = true;
    await withinTime(this.#sendAll(), deadlineMs);
    this.#isStopped = true;
    for (const each of [this.#gate, this.#spillTimer, this.#pace]) each.close();
    clearInterval(this.#tendTimer);
    clearImmediate(this.#pumpSoon);
    this.#spill();
    this.#options.sender.close();
    await Promise.all(this.#memory.underWay.values());
    await this.#diskSettled();
    this.#lose('shutdown', this.#unsafeItems);
    this.#memory.waiting = [];
    this.#losses.finish();
    await withinTime(Promise.resolve(this.#spool?.close()), DISK_TIMEOUT_MS);
  }

  counters(): DestinationCounters {
    const { name, maxQueueBytes } = this.#options;
    const { tooLargeInARow, isFailing, ...tally } = structuredClone(this.#tally);
    return {
      name,
      ...tally,
      queue: {
        items: this.#unsafeItems,
        bytes: this.#memory.bytes + (this.#spool?.unwritten.bytes ?? 0),
        capacityBytes: maxQueueBytes,
      },
      ...(this.#spool && { spool: this.#spool.size }),
    };
  }

  /** Not now: this may be within a request, which should not wait for another one to be written. */
  #pumpLater(): void {
    this.#pumpSoon ??= setImmediate(() => this.#pump());
  }

  /** Starts what may be sent now. */
  #pump(): void {
    this.#pumpSoon = undefined;
    if (this.#gate.isShut || this.#isStopped) return;
    const { isFailing } = this.#gate;
    const memory = this.#memory;
    const { maxBatchItems, maxBatchBytes } = this.#options;
    // What is taken from the spool just now is a request, too.
    const most = isFailing ? (this.#isTaking ? 0 : 1) : MAX_UNDER_WAY;
    while (memory.waiting.length > 0 && memory.underWay.size < most) {
      const item = memory.next(maxBatchItems, maxBatchBytes);
      if (item) this.#start(item);
    }
    if (isFailing ? memory.underWay.size === 0 : !memory.isDraining) void this.#startSpooled();
  }

  /** Starts the oldest files of the spool, one request at a time. */
  async #startSpooled(): Promise<void> {
    const { maxBatchItems, maxBatchBytes } = this.#options;
    const spool = this.#spool;
    if (this.#isTaking || this.#isHeld || !spool || spool.items === 0) return;
    if (!this.#isStopping && !this.#pace.isReady()) return;
    this.#isTaking = true;
    const batch = await spool.take(maxBatchItems, maxBatchBytes);
    this.#isTaking = false;
    if (!batch) this.#waiters.look();
    else if (this.#gate.isShut || this.#isStopped) spool.putBack(batch.files);
    else {
      this.#pace.sent(batch.body.length);
      this.#start({ batch, since: performance.now(), files: batch.files, isDrained: true });
    }
  }

  #start(item: QueuedBatch): void {
    const { sender, signal, url, reporter, log } = this.#options;
    // What was refused once is kept; again, when others have been taken, it is refused for what it is.
    const isKept = item.isDrained === true && !item.files.some(({ wasRefused }) => wasRefused);
    const held = () => this.#spooledItems - (isKept ? 0 : itemsOf(item.files));
    const settled = deliver({ sender, url, reporter, tally: this.#tally, signal, isKept, held }, item.batch)
      .then((undelivered) => this.#settle(item, undelivered))
      .catch((error: unknown) => {
        log.error({ err: error }, `${signal.Items} could not be sent, and are not tried again`);
        this.#lose('unencodable', item.batch.items);
        this.#spool?.finish(item.files);
      })
      .finally(() => {
        this.#memory.underWay.delete(item);
        this.#pump();
        this.#waiters.look();
      });
    this.#memory.underWay.set(item, settled);
    if (item.files.length === 0 && this.#spool) this.#spillTimer.start();
  }

  #settle(item: QueuedBatch, undelivered: Undelivered): void {
    if (!undelivered) {
      // A backend that has only refused so far has not recovered yet.
      if (this.#tally.tooLargeInARow === 0) this.#gate.succeeded();
      this.#spool?.finish(item.files);
      return;
    }
    const { rest, failure, isMisconfigured = false } = undelivered;
    if (!isMisconfigured && this.#gate.failed(failure.retryAfterSeconds)) this.#spill();
    if (isMisconfigured) for (const file of item.files) file.wasRefused = true;
    const isPutBack = rest === item.batch && item.files.length > 0 && this.#spool?.putBack(item.files);
    if (!isPutBack) {
      this.#spool?.finish(item.files);
      if (rest && !this.#spool?.append(rest))
        this.#memory.waiting.unshift({ batch: rest, since: item.since, files: [] });
    }
    if (isMisconfigured) this.#hold();
  }

  /** Somebody has to mend something: what is on disk stays there until the destination has taken something again. */
  #hold(): void {
    this.#gate.succeeded(); // it answers
    this.#heldAt = this.#tally.requests.taken;
    this.#spool?.dropOld();
  }

  get #isHeld(): boolean {
    return this.#heldAt === this.#tally.requests.taken;
  }

  #lose(reason: LossReason, items: number): void {
    this.#losses.add(reason, items, reason === 'disk_full' ? this.#spool?.volumeSaid : '');
  }

  #keepInMemory(batch: Batch): void {
    if (this.#hasRoom(batch)) {
      this.#memory.push(batch);
      if (this.#spool) this.#spillTimer.start();
    } else {
      this.#lose(this.#reasonForNoRoom(batch), batch.items);
    }
  }

  #reasonForNoRoom({ body }: Batch): LossReason {
    if (body.length > this.#options.maxQueueBytes) return 'too_large';
    return this.#spool?.isVolumeFull ? 'disk_full' : 'queue_full';
  }

  #hasRoom({ body, items }: Batch): boolean {
    const { maxQueueBytes, maxQueueItems } = this.#options;
    const memory = this.#memory;
    return memory.bytes + body.length <= maxQueueBytes && memory.unspooledItems + items <= maxQueueItems;
  }

  /** Writes down what is in memory only and was added by `latest` (performance.now()), in its order. */
  #spill(latest = Number.POSITIVE_INFINITY): void {
    const spool = this.#spool;
    if (!spool) return;
    const memory = this.#memory;
    for (const item of memory.underWay.keys()) {
      if (item.files.length > 0 || item.since > latest) continue;
      const file = spool.keep(item.batch);
      if (file) item.files = [file];
    }
    memory.waiting = memory.waiting.filter(({ batch, since }) => since > latest || !spool.append(batch));
  }

  async #tend(): Promise<void> {
    await this.#spool?.tend();
    if (this.#spooledItems > 0) this.#pumpLater();
  }

  async #sendAll(): Promise<void> {
    await this.#spool?.tend();
    this.#pump();
    await this.#waiters.until(() => this.#isDone);
  }

  async #diskSettled(): Promise<void> {
    if (this.#spool) await withinTime(this.#spool.settled(), DISK_TIMEOUT_MS);
  }

  /** Items on disk, or on their way there. */
  get #spooledItems(): number {
    return this.#spool?.items ?? 0;
  }

  /** What would be lost with the process. */
  get #unsafeItems(): number {
    return this.#memory.unspooledItems + (this.#spool?.unwritten.items ?? 0);
  }

  /** Whether nothing is left that could be sent now. */
  get #isDone(): boolean {
    const isSpoolDone = this.#gate.isFailing || this.#isHeld || this.#spooledItems === 0;
    return (
      this.#memory.underWay.size === 0 && !this.#isTaking && this.#memory.waiting.length === 0 && isSpoolDone
    );
  }
}
