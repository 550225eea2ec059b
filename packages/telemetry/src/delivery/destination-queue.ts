import type { ExportFailure } from '../export/export-failure.ts';
import type { Logger } from '../logger.ts';
import type { DestinationCounters, LossReason } from './counters.ts';
import { createTally } from './counters.ts';
import type { Batch } from './encoding/batch-builder.ts';
import { LossLog } from './loss-log.ts';
import type { Item } from './memory-queue.ts';
import { MemoryQueue } from './memory-queue.ts';
import { createBackoff } from './sending/backoff.ts';
import type { DeliverOptions, Undelivered } from './sending/deliver.ts';
import { deliver } from './sending/deliver.ts';
import type { OtlpClient } from './sending/otlp-client.ts';
import { GuardedSpool } from './spool/guarded-spool.ts';

export interface QueueOptions {
  readonly name: string;
  readonly url: string;
  readonly client: OtlpClient;
  readonly reporter: DeliverOptions['reporter'];
  readonly log: Logger;
  readonly spool: { readonly directory: string; readonly maxBytes: number } | undefined;
  readonly maxQueueBytes: number;
  readonly maxQueueSpans: number;
  readonly maxBatchSpans: number;
  readonly maxBatchBytes: number;
}

/** Requests under way at once: at 200 ms a round trip, still 20 batches a second. */
const MAX_UNDER_WAY = 4;

/** What a backend that works has not acknowledged after this time is written to the spool, in milliseconds. */
const SPILL_AFTER_MS = 200;

/** How fast the spool is sent when the backend is back: 64 MiB in 16 s, beside the live spans. */
const DRAIN_BYTES_PER_SECOND = 4 * 1024 * 1024;

/** How soon the spans of a replica that died are adopted, in milliseconds. */
const ADOPT_EVERY_MS = 5_000;

interface Watcher {
  readonly isDone: () => boolean;
  readonly resolve: () => void;
}

/** What waits for one destination: in memory for a moment, and in the spool when that was not enough. */
export class DestinationQueue {
  readonly #options: QueueOptions;
  readonly #tally = createTally();
  readonly #backoff = createBackoff();
  readonly #losses: LossLog;
  readonly #spool: GuardedSpool | undefined;
  readonly #memory = new MemoryQueue();
  readonly #adoptTimer: NodeJS.Timeout | undefined;
  #watchers: Watcher[] = [];
  /** The last attempt failed: one probe at a time until one succeeds. */
  #isFailing = false;
  #isStopping = false;
  #isStopped = false;
  #pumpSoon: NodeJS.Immediate | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #spillTimer: NodeJS.Timeout | undefined;
  #drainTimer: NodeJS.Timeout | undefined;
  #drainAllowedAt = 0;

  constructor(options: QueueOptions) {
    this.#options = options;
    const { name, log, spool } = options;
    this.#losses = new LossLog(name, log, this.#tally);
    if (!spool) return;
    this.#spool = new GuardedSpool({
      ...spool,
      name,
      log,
      onLost: (reason, spans) => this.#lose(reason, spans),
    });
    this.#adoptTimer = setInterval(() => this.#adopt(), ADOPT_EVERY_MS).unref();
    this.#adopt();
  }

  /** Takes a batch over. Never throws; what cannot be kept is counted. */
  add(batch: Batch): void {
    this.#tally.ended += batch.spans;
    if (this.#isStopped) {
      this.#lose('shutdown', batch.spans);
      return;
    }
    const isSpooled = (this.#isFailing || !this.#hasRoom(batch)) && this.#toSpool(batch);
    if (!isSpooled && this.#hasRoom(batch)) {
      this.#memory.push(batch);
      if (this.#spool) this.#spillTimer ??= setTimeout(() => this.#spillOld(), SPILL_AFTER_MS).unref();
    } else if (!isSpooled) {
      this.#lose(batch.body.length > this.#options.maxQueueBytes ? 'too_large' : 'queue_full', batch.spans);
    }
    // Not now: this may be within a request, which should not wait for another one to be written.
    this.#pumpSoon ??= setImmediate(() => this.#pump());
  }

  /** Counts spans that never became a batch. */
  lose(reason: LossReason, spans: number): void {
    this.#tally.ended += spans;
    this.#lose(reason, spans);
  }

  /** Resolves when what waits now is sent, or is in the spool, or cannot be sent at the moment. */
  async flush(): Promise<void> {
    this.#pump();
    const memory = this.#memory;
    await this.#until(() => !memory.isSendingLive && (memory.waiting.length === 0 || this.#isFailing));
  }

  /** Writes what is in memory only to the spool, at once; returns how many spans could not be kept. */
  spillSync(): number {
    this.#spill(Number.POSITIVE_INFINITY);
    return this.#memory.unspooledSpans;
  }

  /** Sends what can be sent until `deadlineMs` is over, keeps the rest in the spool, and stops. Never rejects. */
  async shutdown(deadlineMs: number): Promise<void> {
    this.#isStopping = true;
    let deadline: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      deadline = setTimeout(resolve, deadlineMs);
    });
    this.#pump();
    await Promise.race([late, this.#until(() => this.#isDone)]);
    clearTimeout(deadline);
    this.#isStopped = true;
    for (const timer of [this.#retryTimer, this.#spillTimer, this.#drainTimer]) clearTimeout(timer);
    clearInterval(this.#adoptTimer);
    clearImmediate(this.#pumpSoon);
    this.spillSync();
    this.#options.client.close();
    await Promise.all(this.#memory.underWay.values());
    this.#lose('shutdown', this.#memory.unspooledSpans);
    this.#memory.waiting = [];
    this.#losses.finish();
    this.#spool?.close();
  }

  counters(): DestinationCounters {
    const { name, maxQueueBytes } = this.#options;
    return {
      name,
      ...structuredClone(this.#tally),
      queue: { spans: this.#memory.unspooledSpans, bytes: this.#memory.bytes, capacityBytes: maxQueueBytes },
      ...(this.#spool && { spool: this.#spool.size }),
    };
  }

  /** Starts what may be sent now. */
  #pump(): void {
    this.#pumpSoon = undefined;
    if (this.#retryTimer || this.#isStopped) return;
    const { underWay, waiting, isDraining } = this.#memory;
    const { maxBatchSpans, maxBatchBytes } = this.#options;
    const most = this.#isFailing ? 1 : MAX_UNDER_WAY;
    while (waiting.length > 0 && underWay.size < most) {
      const item = this.#memory.next(maxBatchSpans, maxBatchBytes);
      if (item) this.#start(item);
    }
    if (this.#isFailing ? underWay.size === 0 : !isDraining) this.#drain();
  }

  /** Starts the oldest batches in the spool, one request at a time and no faster than the rate. */
  #drain(): void {
    const spool = this.#spool;
    if (!spool || spool.size.spans === 0) return;
    const now = performance.now();
    if (now < this.#drainAllowedAt && !this.#isStopping) {
      this.#drainTimer ??= setTimeout(() => {
        this.#drainTimer = undefined;
        this.#pump();
      }, this.#drainAllowedAt - now).unref();
      return;
    }
    const { maxBatchSpans, maxBatchBytes } = this.#options;
    const taken = spool.take(maxBatchSpans, maxBatchBytes);
    if (!taken) return;
    this.#drainAllowedAt = now + (taken.body.length / DRAIN_BYTES_PER_SECOND) * 1000;
    this.#start({ batch: taken, since: now, records: taken.records, isDrained: true });
  }

  #start(item: Item): void {
    const { client, url, reporter, log } = this.#options;
    const settled = deliver({ client, url, reporter, tally: this.#tally }, item.batch)
      .then((undelivered) => this.#settle(item, undelivered))
      .catch((error: unknown) => {
        log.error({ err: error }, 'Spans could not be sent, and are not tried again');
        this.#lose('unencodable', item.batch.spans);
        this.#spool?.finish(item.records);
      })
      .finally(() => {
        this.#memory.underWay.delete(item);
        this.#pump();
        this.#notify();
      });
    this.#memory.underWay.set(item, settled);
  }

  #settle(item: Item, undelivered: Undelivered): void {
    if (!undelivered) {
      this.#isFailing = false;
      this.#backoff.reset();
      this.#spool?.finish(item.records);
      return;
    }
    const { rest, failure } = undelivered;
    this.#failed(failure);
    if (item.records.length > 0 && rest === item.batch) {
      this.#spool?.putBack(item.records);
      return;
    }
    if (!this.#toSpool(rest)) this.#memory.putFirst(rest, item.since);
    this.#spool?.finish(item.records);
  }

  #failed({ retryAfterSeconds }: ExportFailure): void {
    this.#isFailing = true;
    // Several requests that were under way together fail together: that is one failure.
    if (this.#retryTimer || this.#isStopped) return;
    const waitMs = this.#backoff.next(retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000);
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#pump();
    }, waitMs).unref();
    this.#spill(Number.POSITIVE_INFINITY);
  }

  #spillOld(): void {
    this.#spillTimer = undefined;
    const now = performance.now();
    this.#spill(now - SPILL_AFTER_MS + 1);
    const oldest = this.#memory.unspooledSince;
    if (oldest === undefined || this.#isStopped) return;
    const waitMs = Math.max(SPILL_AFTER_MS / 4, oldest + SPILL_AFTER_MS - now);
    this.#spillTimer = setTimeout(() => this.#spillOld(), waitMs).unref();
  }

  /** Writes to the spool what has been in memory only since before `before`. */
  #spill(before: number): void {
    if (!this.#spool) return;
    for (const item of this.#memory.underWay.keys()) {
      if (item.records.length > 0 || item.since > before) continue;
      const record = this.#spool.append(item.batch, 'taken');
      if (!record) continue;
      item.records = [record];
      this.#tally.spooled += item.batch.spans;
    }
    const { waiting } = this.#memory;
    this.#memory.waiting = waiting.filter((item) => item.since > before || !this.#toSpool(item.batch));
  }

  /** Writes a batch to the spool; false when there is none, or it could not be written. */
  #toSpool(batch: Batch): boolean {
    const record = this.#spool?.append(batch);
    if (record) this.#tally.spooled += batch.spans;
    return record !== undefined;
  }

  #adopt(): void {
    const spans = this.#spool?.adopt() ?? 0;
    if (spans > 0) {
      this.#tally.recovered += spans;
      const { name, log } = this.#options;
      log.info({ spans }, `Spans for ${name} that an earlier process could not send are sent now.`);
    }
    if (this.#spool && this.#spool.size.bytes > 0) this.#pumpSoon ??= setImmediate(() => this.#pump());
  }

  #lose(reason: LossReason, spans: number): void {
    if (spans === 0) return;
    this.#tally.lost[reason] += spans;
    this.#losses.note(reason);
  }

  #hasRoom({ body, spans }: Batch): boolean {
    const { maxQueueBytes, maxQueueSpans } = this.#options;
    return (
      this.#memory.bytes + body.length <= maxQueueBytes &&
      this.#memory.unspooledSpans + spans <= maxQueueSpans
    );
  }

  /** Whether nothing is left that could be sent now. */
  get #isDone(): boolean {
    const { underWay, waiting } = this.#memory;
    const isSpoolDone = this.#isFailing || !this.#spool?.size.spans;
    return underWay.size === 0 && waiting.length === 0 && isSpoolDone;
  }

  async #until(isDone: () => boolean): Promise<void> {
    if (!isDone()) await new Promise<void>((resolve) => this.#watchers.push({ isDone, resolve }));
  }

  #notify(): void {
    this.#watchers = this.#watchers.filter(({ isDone, resolve }) => {
      if (!isDone()) return true;
      resolve();
      return false;
    });
  }
}
