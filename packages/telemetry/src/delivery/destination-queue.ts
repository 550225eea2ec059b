import type { Logger } from '../logger.ts';
import { withinTime } from '../within-time.ts';
import type { DestinationCounters, LossReason } from './counters.ts';
import { createTally } from './counters.ts';
import type { Batch } from './encoding/batch-builder.ts';
import { LossLog } from './loss-log.ts';
import type { QueuedBatch } from './memory-queue.ts';
import { MemoryQueue } from './memory-queue.ts';
import type { OverflowOptions } from './overflow.ts';
import { Overflow } from './overflow.ts';
import type { DeliverOptions, Undelivered } from './sending/deliver.ts';
import { deliver } from './sending/deliver.ts';
import type { OtlpClient } from './sending/otlp-client.ts';
import { RetryGate } from './sending/retry-gate.ts';
import { SizeRefusals } from './sending/size-refusals.ts';
import type { SignalName } from './signal.ts';
import { Waiters } from './waiters.ts';

export interface QueueOptions {
  readonly name: string;
  readonly signal: SignalName;
  readonly url: string;
  readonly client: OtlpClient;
  readonly reporter: DeliverOptions['reporter'];
  readonly log: Logger;
  readonly spool: Pick<OverflowOptions, 'directory' | 'root' | 'maxBytes' | 'statfs' | 'files'> | undefined;
  readonly maxQueueBytes: number;
  readonly maxQueueItems: number;
  readonly maxBatchItems: number;
  readonly maxBatchBytes: number;
}

/** Requests under way at once: at 200 ms per round trip, still 20 batches a second. */
const MAX_UNDER_WAY = 4;

/** How long a flush waits for the disk, and a shutdown after its deadline, in milliseconds. */
const DISK_TIMEOUT_MS = 2_000;

/**
 * What waits for one destination: in memory for a moment, and in the spool when that was not enough. The parts own
 * their data (`MemoryQueue` the batches, `Overflow` the spool, `RetryGate` the back-off); here is what they do together.
 */
export class DestinationQueue {
  readonly #options: QueueOptions;
  readonly #tally = createTally();
  readonly #losses: LossLog;
  readonly #memory = new MemoryQueue();
  readonly #gate = new RetryGate(() => this.#pump());
  readonly #sizeRefusals = new SizeRefusals();
  readonly #overflow: Overflow | undefined;
  readonly #waiters = new Waiters();
  #isStopping = false;
  #isStopped = false;
  #isTaking = false;
  /** `requests.taken` when the destination last refused something that a person has to mend. */
  #heldAt: number | undefined;
  #pumpSoon: NodeJS.Immediate | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
    const { name, signal, log, spool } = options;
    this.#losses = new LossLog(`${signal.Items} for ${name}`, name, log, this.#tally);
    this.#overflow =
      spool &&
      new Overflow({
        ...spool,
        name,
        signal,
        log,
        memory: this.#memory,
        tally: this.#tally,
        maxUnwrittenBytes: options.maxQueueBytes,
        onUnwritten: (batch) => this.#keepInMemory(batch),
        onLost: (reason, items) => this.#lose(reason, items),
        onReady: () => this.#pumpLater(),
      });
  }

  /** Takes a batch over. Never throws; what cannot be kept is counted. */
  add(batch: Batch): void {
    this.#tally.ended += batch.items;
    if (this.#isStopped) {
      this.#lose('shutdown', batch.items);
      return;
    }
    const isSpooled =
      (this.#gate.isFailing || !this.#hasRoom(batch)) && this.#overflow?.append(batch) !== undefined;
    if (!isSpooled) this.#keepInMemory(batch);
    // Not now: this may be within a request, which should not wait for another one to be written.
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
    await this.#waiters.until(() => !memory.isSendingLive && (!memory.hasWaiting || this.#gate.isFailing));
    await this.#diskSettled();
  }

  /** Writes what is in memory only to the spool before it returns; returns how many items could not be kept. */
  spillSync(): number {
    this.#overflow?.writeDown();
    this.#overflow?.settleSync();
    return this.#unsafeItems;
  }

  /** Sends what can be sent until `deadlineMs` is over, keeps the rest in the spool, and stops. Does not reject. */
  async shutdown(deadlineMs: number): Promise<void> {
    this.#isStopping = true;
    await withinTime(this.#sendAll(), deadlineMs);
    this.#isStopped = true;
    this.#gate.close();
    this.#overflow?.stopTimers();
    clearImmediate(this.#pumpSoon);
    this.#overflow?.writeDown();
    this.#options.client.close();
    await this.#memory.allEnded();
    await this.#diskSettled();
    this.#lose('shutdown', this.#unsafeItems);
    this.#memory.clear();
    this.#losses.finish();
    await withinTime(Promise.resolve(this.#overflow?.close()), DISK_TIMEOUT_MS);
  }

  counters(): DestinationCounters {
    const { name, maxQueueBytes } = this.#options;
    return {
      name,
      ...structuredClone(this.#tally),
      queue: {
        items: this.#unsafeItems,
        bytes: this.#memory.bytes + (this.#overflow?.unwritten.bytes ?? 0),
        capacityBytes: maxQueueBytes,
      },
      ...(this.#overflow && { spool: this.#overflow.size }),
    };
  }

  #pumpLater(): void {
    this.#pumpSoon ??= setImmediate(() => this.#pump());
  }

  /** Starts what may be sent now. */
  #pump(): void {
    this.#pumpSoon = undefined;
    if (this.#gate.isShut || this.#isStopped) return;
    const memory = this.#memory;
    const { maxBatchItems, maxBatchBytes } = this.#options;
    // What is taken from the spool just now is a request, too.
    const most = this.#gate.isFailing ? (this.#isTaking ? 0 : 1) : MAX_UNDER_WAY;
    while (memory.hasWaiting && memory.requests < most) {
      const item = memory.next(maxBatchItems, maxBatchBytes);
      if (item) this.#start(item);
    }
    if (this.#gate.isFailing ? memory.requests === 0 : !memory.isDraining) void this.#startSpooled();
  }

  /** Starts the oldest batches in the spool, one request at a time. */
  async #startSpooled(): Promise<void> {
    const { maxBatchItems, maxBatchBytes } = this.#options;
    if (this.#isTaking || this.#isHeld || !this.#overflow) return;
    this.#isTaking = true;
    const batch = await this.#overflow.take(maxBatchItems, maxBatchBytes, this.#isStopping);
    this.#isTaking = false;
    if (!batch) this.#waiters.look();
    else if (this.#gate.isShut || this.#isStopped) this.#overflow.putBack(batch.records);
    else this.#start({ batch, since: performance.now(), records: batch.records, isDrained: true });
  }

  #start(item: QueuedBatch): void {
    const { client, signal, url, reporter, log } = this.#options;
    // What was refused once is kept; again, when others have been taken, it is refused for what it is.
    const isKept = item.isDrained === true && !item.records.some(({ wasRefused }) => wasRefused);
    const settled = deliver(
      {
        client,
        url,
        reporter,
        tally: this.#tally,
        sizeRefusals: this.#sizeRefusals,
        signal,
        isKept,
        held: () => (this.#overflow?.size.items ?? 0) - (isKept ? 0 : itemsOnDisk(item.records)),
      },
      item.batch,
    )
      .then((undelivered) => this.#settle(item, undelivered))
      .catch((error: unknown) => {
        log.error({ err: error }, `${signal.Items} could not be sent, and are not tried again`);
        this.#lose('unencodable', item.batch.items);
        this.#overflow?.finish(item.records);
      })
      .finally(() => {
        this.#memory.ended(item);
        this.#pump();
        this.#waiters.look();
      });
    this.#memory.started(item, settled);
  }

  #settle(item: QueuedBatch, undelivered: Undelivered): void {
    if (!undelivered) {
      // A backend that has only refused so far has not recovered yet.
      if (!this.#sizeRefusals.isUnbroken) this.#gate.succeeded();
      this.#overflow?.finish(item.records);
      return;
    }
    const { rest, failure, isMisconfigured = false } = undelivered;
    if (!isMisconfigured && this.#gate.failed(failure.retryAfterSeconds)) this.#overflow?.writeDown();
    if (item.records.length > 0 && rest === item.batch) {
      for (const record of item.records) record.wasRefused ||= isMisconfigured;
      this.#overflow?.putBack(item.records);
    } else {
      const record = rest && this.#overflow?.append(rest);
      if (record) record.wasRefused = isMisconfigured;
      else if (rest) this.#memory.putFirst(rest, item.since);
      this.#overflow?.finish(item.records);
    }
    if (isMisconfigured) this.#hold();
  }

  /** Somebody has to mend something: what is on disk stays there until the destination has taken something again. */
  #hold(): void {
    this.#gate.succeeded(); // it answers
    this.#heldAt = this.#tally.requests.taken;
    this.#overflow?.dropOld();
  }

  get #isHeld(): boolean {
    return this.#heldAt === this.#tally.requests.taken;
  }

  #lose(reason: LossReason, items: number): void {
    if (items === 0) return;
    this.#tally.lost[reason] += items;
    this.#losses.note(reason, reason === 'disk_full' ? this.#overflow?.volumeSaid : '');
  }

  #keepInMemory(batch: Batch): void {
    if (this.#hasRoom(batch)) {
      this.#memory.push(batch);
      this.#overflow?.watchMemory();
    } else {
      this.#lose(this.#reasonForNoRoom(batch), batch.items);
    }
  }

  #reasonForNoRoom({ body }: Batch): LossReason {
    if (body.length > this.#options.maxQueueBytes) return 'too_large';
    return this.#overflow?.isVolumeFull ? 'disk_full' : 'queue_full';
  }

  #hasRoom({ body, items }: Batch): boolean {
    const { maxQueueBytes, maxQueueItems } = this.#options;
    return (
      this.#memory.bytes + body.length <= maxQueueBytes &&
      this.#memory.unspooledItems + items <= maxQueueItems
    );
  }

  async #sendAll(): Promise<void> {
    await this.#overflow?.adopted;
    this.#pump();
    await this.#waiters.until(() => this.#isDone);
  }

  async #diskSettled(): Promise<void> {
    if (this.#overflow) await withinTime(this.#overflow.settled(), DISK_TIMEOUT_MS);
  }

  /** Spans that would be lost with the process. */
  get #unsafeItems(): number {
    return this.#memory.unspooledItems + (this.#overflow?.unwritten.items ?? 0);
  }

  /** Whether nothing is left that could be sent now. */
  get #isDone(): boolean {
    const isSpoolDone = this.#gate.isFailing || this.#isHeld || !this.#overflow?.hasItems;
    return this.#memory.requests === 0 && !this.#isTaking && !this.#memory.hasWaiting && isSpoolDone;
  }
}

function itemsOnDisk(records: QueuedBatch['records']): number {
  const onDisk = records.filter(({ segment, unwritten }) => !unwritten && !segment.removed);
  return onDisk.reduce((sum, { items }) => sum + items, 0);
}
