import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing } from './spool-files.ts';

/** What a volume is asked: the fields of `fs.statfs` that matter here. */
export type StatFs = (
  path: string,
) => Promise<{ readonly bsize: number; readonly blocks: number; readonly bavail: number }>;

/** The spool leaves this part of the volume to others, and at least so many bytes: databases fail without room. */
const LEFT_FREE = 0.1;
const LEAST_FREE_BYTES = 64 * 1024 * 1024;

/** How old an answer may be while batches are written, in milliseconds. */
const FRESH_MS = 1_000;

/** The room that a spool may take from its volume. It asks in the background, and counts what is written in between. */
export class FreeSpace {
  readonly #directory: string;
  readonly #statfs: StatFs;
  /** Unlimited until the first answer, and on a volume that does not tell. */
  #bytes = Number.POSITIVE_INFINITY;
  #said = '';
  #writtenWhileAsking = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  /** @param directory on the volume; it need not exist yet */
  constructor(directory: string, stat: StatFs = statfs) {
    this.#directory = directory;
    this.#statfs = stat;
  }

  /** Bytes that may still be written; negative when others should have some of ours. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How much of the volume was free when it was asked, and how much of it the spool leaves: a sentence, or empty. */
  get said(): string {
    return this.#said;
  }

  /** So many bytes were written, or, negative, given back. */
  used(bytes: number): void {
    this.#bytes -= bytes;
    this.#writtenWhileAsking += bytes;
    if (performance.now() - this.#askedAt > FRESH_MS) void this.ask();
  }

  /** Asks the volume; a question under way is not asked twice. Does not reject. */
  ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<void> {
    this.#askedAt = performance.now();
    this.#writtenWhileAsking = 0;
    try {
      const { bsize, blocks, bavail } = await this.#statNearest(this.#directory);
      const leave = Math.max(LEAST_FREE_BYTES, blocks * bsize * LEFT_FREE);
      // The answer may have these, or not: the spool takes less rather than more.
      const free = bavail * bsize;
      this.#said = ` ${this.#directory} has ${inGb(free)} free on its volume, and leaves ${inGb(leave)} of it to others: make room there, or set DATA_DIR.`;
      const isTold = blocks > 0; // of /proc nothing is
      this.#bytes = isTold ? free - leave - Math.max(0, this.#writtenWhileAsking) : Number.POSITIVE_INFINITY;
    } catch {
      this.#bytes = Number.POSITIVE_INFINITY;
    }
  }

  async #statNearest(path: string): ReturnType<StatFs> {
    try {
      return await this.#statfs(path);
    } catch (error) {
      if (!isMissing(error) || dirname(path) === path) throw error;
      return this.#statNearest(dirname(path));
    }
  }
}

function inGb(bytes: number): string {
  return `${Number((bytes / 1e9).toPrecision(3))} GB`;
}
