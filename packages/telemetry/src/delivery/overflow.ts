import type { Logger } from '../logger.ts';
import type { DestinationCounters, LossReason, Tally } from './counters.ts';
import type { Batch } from './encoding/batch-builder.ts';
import type { MemoryQueue } from './memory-queue.ts';
import type { SignalName } from './signal.ts';
import type { Adoption } from './spool/adopt-regularly.ts';
import { adoptRegularly } from './spool/adopt-regularly.ts';
import { RefusedPathError } from './spool/refusal.ts';
import type { SpoolRecord } from './spool/segment.ts';
import { SpillTimer } from './spool/spill-timer.ts';
import type { SpoolOptions, TakenBatch } from './spool/spool.ts';
import { Spool } from './spool/spool.ts';
import { SpoolDrain } from './spool/spool-drain.ts';

/** How often an error of the file system is logged, in milliseconds. */
const LOG_EVERY_MS = 60_000;

export interface OverflowOptions {
  /** The destination's name, for messages. */
  readonly name: string;
  readonly signal: SignalName;
  readonly log: Logger;
  readonly directory: string;
  /** The directory of all services and destinations. */
  readonly root: string;
  readonly maxBytes: number;
  readonly maxUnwrittenBytes: number;
  readonly statfs?: SpoolOptions['statfs'];
  readonly files?: SpoolOptions['files'];
  readonly memory: MemoryQueue;
  /** Where spooled and recovered items are counted. */
  readonly tally: Tally;
  /** Called with a batch that the disk did not take. */
  readonly onUnwritten: (batch: Batch) => void;
  readonly onLost: (reason: LossReason, items: number) => void;
  /** Called when there may be something to take. */
  readonly onReady: () => void;
}

/** The spool beside a memory queue: what memory may not keep goes there, and is taken from there later. */
export class Overflow {
  readonly #options: OverflowOptions;
  readonly #spool: Spool;
  readonly #drain: SpoolDrain;
  readonly #spillTimer: SpillTimer;
  readonly #adoption: Adoption;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(options: OverflowOptions) {
    const { memory, onReady } = options;
    this.#options = options;
    this.#spool = new Spool({
      ...options,
      onWritten: (items) => {
        options.tally.spooled += items;
      },
      onError: (error) => this.#logSeldom(error),
      onDamaged: (damage) => this.#damaged(damage),
      onRefused: ({ message }) =>
        options.log.warn(
          {},
          `${message}: it is left as it is. ${options.signal.Items} for ${options.name} beside it are sent.`,
        ),
    });
    this.#drain = new SpoolDrain(this.#spool, onReady);
    this.#spillTimer = new SpillTimer(
      () => memory.unspooledSince,
      (latest) => this.writeDown(latest),
    );
    this.#adoption = adoptRegularly(
      this.#spool,
      (items) => this.#adopted(items),
      (error) => this.#logSeldom(error),
    );
  }

  /** What is on disk. */
  get size(): NonNullable<DestinationCounters['spool']> {
    const { items, unwrittenItems, bytes, capacityBytes } = this.#spool;
    return { items: items - unwrittenItems, bytes, capacityBytes };
  }

  /** What waits for the disk. */
  get unwritten(): { items: number; bytes: number } {
    return { items: this.#spool.unwrittenItems, bytes: this.#spool.unwrittenBytes };
  }

  /** Whether there is something to take, on disk or on its way there. */
  get hasItems(): boolean {
    return this.#spool.items > 0;
  }

  /** Whether the spool may take no more of its volume. */
  get isVolumeFull(): boolean {
    return this.#spool.isVolumeFull;
  }

  /** How much room the volume has, in a sentence. */
  get volumeSaid(): string {
    return this.#spool.volumeSaid;
  }

  /**
   * Has a batch written to the spool; undefined when it does not fit there, or the disk is too far behind.
   * `taken`: it is being sent already.
   */
  append(batch: Batch, state: 'waiting' | 'taken' = 'waiting'): SpoolRecord | undefined {
    return this.#spool.fits(batch) ? this.#spool.append(batch, state) : undefined;
  }

  /** Writes down what is in memory only and was added by `latest` (performance.now()); all of it by default. */
  writeDown(latest = Number.POSITIVE_INFINITY): void {
    this.#options.memory.writeDown(latest, (batch, state) => this.append(batch, state));
  }

  /** A batch was added to memory: it is written down when it stays there for too long. */
  watchMemory(): void {
    this.#spillTimer.start();
  }

  /** The oldest batches, as one within the limits, when there are any and the rate allows it, or `isHurried`. */
  async take(maxItems: number, maxBytes: number, isHurried: boolean): Promise<TakenBatch | undefined> {
    try {
      return await this.#drain.take(maxItems, maxBytes, isHurried);
    } catch (error) {
      this.#logSeldom(error);
      return undefined;
    }
  }

  /** Gives up what nobody has taken for a week. */
  dropOld(): void {
    this.#spool.dropOld();
  }

  /** They were delivered, or given up: they are not sent again. */
  finish(records: readonly SpoolRecord[]): void {
    this.#spool.finish(records);
  }

  /** They were not delivered and wait again, in their old place. */
  putBack(records: readonly SpoolRecord[]): void {
    this.#spool.putBack(records);
  }

  /** Nothing happens by itself any more; calls still work. */
  stopTimers(): void {
    this.#adoption.stop();
    this.#spillTimer.close();
    this.#drain.close();
  }

  /** Resolves when what ended processes had left at the start is taken over. */
  get adopted(): Promise<void> {
    return this.#adoption.first;
  }

  /** Resolves when the disk has all that it was given. */
  settled(): Promise<void> {
    return this.#spool.settled();
  }

  /** Has the disk take all that it was given before it returns. */
  settleSync(): void {
    this.#spool.settleSync();
  }

  /** Gives the spool up for others to adopt. */
  async close(): Promise<void> {
    try {
      await this.#spool.close();
    } catch (error) {
      this.#logSeldom(error);
    }
  }

  #logSeldom(error: unknown): void {
    const now = performance.now();
    if (now - this.#loggedAt <= LOG_EVERY_MS) return;
    this.#loggedAt = now;
    const { directory, name, signal, log } = this.#options;
    log.error(
      { err: error },
      error instanceof RefusedPathError
        ? `${error.message}: ${signal.items} for ${name} wait in memory only. Remove it, or set DATA_DIR.`
        : `${signal.Items} for ${name} cannot be kept in ${directory}: make it writable, or set DATA_DIR.`,
    );
  }

  #damaged({ path, bytes, items }: { path: string; bytes: number; items: number }): void {
    const { tally, name, signal, log } = this.#options;
    tally.recovered += items;
    log.warn(
      { path, bytes, items },
      `${bytes} bytes of ${path} are damaged: some ${items} ${signal.items} for ${name} are lost, the others in it are sent.`,
    );
  }

  #adopted(items: number): void {
    const { tally, name, signal, log, onReady } = this.#options;
    if (items > 0) {
      tally.recovered += items;
      log.info({ items }, `${signal.Items} for ${name} that an earlier process could not send are sent now.`);
    }
    if (this.#spool.bytes > 0) onReady();
  }
}
