import type { Logger } from '../../logger.ts';
import type { Batch } from '../encoding/batch-builder.ts';
import type { SpoolRecord } from './segment.ts';
import type { SpoolOptions, TakenBatch } from './spool.ts';
import { Spool } from './spool.ts';

/** How often an error of the file system is logged, in milliseconds. */
const LOG_EVERY_MS = 60_000;

export interface GuardedSpoolOptions extends SpoolOptions {
  /** The destination, for messages. */
  readonly name: string;
  readonly log: Logger;
}

/** A {@link Spool} whose errors of the file system are logged, seldom, instead of thrown. */
export class GuardedSpool {
  readonly #options: GuardedSpoolOptions;
  readonly #spool: Spool;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(options: GuardedSpoolOptions) {
    this.#options = options;
    this.#spool = new Spool(options);
  }

  /** Spans and bytes on disk, and how many bytes there may be. */
  get size(): { spans: number; bytes: number; capacityBytes: number } {
    const { spans, bytes, capacityBytes } = this.#spool;
    return { spans, bytes, capacityBytes };
  }

  /** Writes a batch; undefined when it does not fit or cannot be written. */
  append(batch: Batch, state?: 'taken'): SpoolRecord | undefined {
    return this.#guard(() => (this.#spool.fits(batch) ? this.#spool.append(batch, state) : undefined));
  }

  take(maxSpans: number, maxBytes: number): TakenBatch | undefined {
    return this.#guard(() => this.#spool.take(maxSpans, maxBytes));
  }

  finish(records: readonly SpoolRecord[]): void {
    this.#guard(() => this.#spool.finish(records));
  }

  putBack(records: readonly SpoolRecord[]): void {
    this.#guard(() => this.#spool.putBack(records));
  }

  adopt(): number {
    return this.#guard(() => this.#spool.adopt()) ?? 0;
  }

  close(): void {
    this.#guard(() => this.#spool.close());
  }

  #guard<T>(use: () => T): T | undefined {
    try {
      return use();
    } catch (error) {
      const now = performance.now();
      if (now - this.#loggedAt > LOG_EVERY_MS) {
        this.#loggedAt = now;
        const { directory, name, log } = this.#options;
        log.error(
          { err: error },
          `Spans for ${name} cannot be kept in ${directory}: make it writable, or set DATA_DIR.`,
        );
      }
      return undefined;
    }
  }
}
