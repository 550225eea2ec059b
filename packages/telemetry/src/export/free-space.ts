import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing } from './disk.ts';

/** What a volume is asked: the fields of `fs.statfs` that matter here. */
export type StatFs = (
  path: string,
) => Promise<{ readonly bsize: number; readonly blocks: number; readonly bavail: number }>;

/** The spool leaves this part of the volume to others, and at least so many bytes: databases fail without room. */
const LEFT_FREE = 0.1;
const LEAST_FREE_BYTES = 64 * 1024 * 1024;

/** How old an answer may be, in milliseconds. */
const FRESH_MS = 1_000;

/** The room that a spool may take from its volume. What is written after an answer is counted. */
export class FreeSpace {
  readonly #folder: string;
  readonly #statfs: StatFs;
  #bytes = Number.POSITIVE_INFINITY;
  #said = '';
  #askedAt = Number.NEGATIVE_INFINITY;

  /** @param folder on the volume; it need not exist yet */
  constructor(folder: string, ask: StatFs = statfs) {
    this.#folder = folder;
    this.#statfs = ask;
  }

  /**
   * Bytes that may still be written; negative when others should have some of the spool's. Unlimited until the first
   * answer, and on a volume that does not tell.
   */
  get bytes(): number {
    return this.#bytes;
  }

  /** How much of the volume was free, and how much of it the spool leaves: a sentence, after a space, or empty. */
  get said(): string {
    return this.#said;
  }

  /** So many bytes were written, or, negative, given back. */
  used(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Asks the volume, unless it has just answered. Does not reject. */
  async ask(): Promise<void> {
    if (performance.now() - this.#askedAt <= FRESH_MS) return;
    this.#askedAt = performance.now();
    const { bsize, blocks, bavail } = await this.#askNearest(this.#folder);
    const free = bavail * bsize;
    const left = Math.max(LEAST_FREE_BYTES, blocks * bsize * LEFT_FREE);
    this.#bytes = blocks === 0 ? Number.POSITIVE_INFINITY : free - left;
    this.#said = ` ${this.#folder} has ${inGb(free)} free on its volume, and leaves ${inGb(left)} of it to others: make room there, or set DATA_DIR.`;
  }

  /** 0 blocks, as of /proc, for a volume that does not tell. */
  async #askNearest(path: string): ReturnType<StatFs> {
    try {
      return await this.#statfs(path);
    } catch (error) {
      if (isMissing(error) && dirname(path) !== path) return this.#askNearest(dirname(path));
      return { bsize: 0, blocks: 0, bavail: 0 };
    }
  }
}

function inGb(bytes: number): string {
  return `${Number((bytes / 1e9).toPrecision(3))} GB`;
}
