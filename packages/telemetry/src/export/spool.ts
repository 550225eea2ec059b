import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { isError } from '../process/is-error.ts';
import type { Logger } from '../report/logger.ts';
import type { Batch } from '../wire/batch.ts';
import { wholeBatches } from '../wire/whole-batches.ts';
import type { SpoolFiles } from './disk.ts';
import { DISK_FILES } from './disk.ts';
import type { SpoolFile } from './spool-folder.ts';
import { SpoolFolder } from './spool-folder.ts';
import type { Tally } from './tally.ts';

/** Batches are appended to a file until it has this size, or this age in milliseconds. */
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_FILE_MS = 1_000;

/** How often an error of the file system is logged, in milliseconds. */
const LOG_EVERY_MS = 60_000;

/** Folders are for this user only. */
const FOLDER = { recursive: true, mode: 0o700 };

export interface SpoolOptions {
  /** The folder of all processes that have this service and this destination. */
  readonly directory: string;
  /** The items in words, as they begin a sentence: `Spans for otlp`. */
  readonly what: string;
  readonly maxBytes: number;
  /** The most items in a file. */
  readonly maxItems: number;
  /** How long a claim holds, in milliseconds; default a minute. */
  readonly claimMs?: number | undefined;
  readonly files?: SpoolFiles | undefined;
  readonly tally: Tally;
  readonly log: Logger;
}

/** A file that this process has claimed, and its content. */
export interface TakenFile {
  readonly file: SpoolFile;
  readonly batch: Batch;
}

/**
 * Batches on disk, first in, first out, in one folder for all processes. A file holds batches one after the other and
 * nothing else, so a file is sent as it is. The spool does one thing on disk at a time, and makes nothing before the
 * first batch. No method rejects.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #folder: SpoolFolder;
  #lastTurn: Promise<unknown> = Promise.resolve();
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#folder = new SpoolFolder(options.directory, options.tally, options.claimMs);
  }

  /** Items of this process on disk: those that it wrote, and those that it has read of other processes. */
  get size(): { readonly items: number; readonly bytes: number; readonly capacityBytes: number } {
    const own = this.#folder.files.filter(({ items }) => items !== undefined);
    const items = own.reduce((sum, file) => sum + (file.items ?? 0), 0);
    return { items, bytes: bytesOf(own), capacityBytes: this.#options.maxBytes };
  }

  /** Whether there is no file to take. */
  get isEmpty(): boolean {
    return this.#oldest === undefined;
  }

  /**
   * Writes a batch behind others, or, while the batch is being sent, to a file of its own for {@link finish} or
   * {@link putBack}.
   *
   * @param keep called when the batch is written; when it returns false, the batch is removed again
   * @returns whether the disk took the batch
   */
  write(batch: Batch, isSending: boolean, keep: (file: SpoolFile) => boolean): Promise<boolean | undefined> {
    return this.#turn(async () => {
      await mkdir(this.#options.directory, FOLDER);
      if (!(await this.#makeRoom(batch.body.length))) return false;
      const file = await this.#fileFor(batch, isSending);
      let isKept = false;
      try {
        await (this.#options.files ?? DISK_FILES).write(file.path, batch.body, file.bytes);
        isKept = keep(file);
      } finally {
        if (isKept) this.#grow(file, batch);
        else await this.#folder.cut(file);
      }
      return true;
    });
  }

  /** Claims the oldest file, whole; undefined when there is none, or the file cannot be read now. */
  take(): Promise<TakenFile | undefined> {
    return this.#turn(() => this.#takeOldest());
  }

  /** The batch was delivered, or given up: it is not sent again. */
  finish(file: SpoolFile): void {
    this.#folder.forget(file);
    void this.#turn(() => this.#folder.remove(file));
  }

  /** The batch was not delivered, and waits again in its old place, for any process. */
  putBack(file: SpoolFile): void {
    void this.#turn(() => this.#folder.claim(file, 'free'));
  }

  /** To be called every few seconds: looks for files of other processes. */
  tend(): Promise<void> {
    return this.#turn(async () => {
      if (this.#open && ageOf(this.#open) > MAX_FILE_MS) await this.#closeOpen();
      await this.#folder.list();
    });
  }

  /** Leaves all files to other processes, when all earlier work is done. */
  close(): Promise<void> {
    return this.#turn(() => this.#closeOpen());
  }

  /** Writes a batch to a file of its own before it returns; undefined when the disk does not take the batch. */
  writeSync(batch: Batch): SpoolFile | undefined {
    const file = this.#folder.begin('sending');
    try {
      mkdirSync(this.#options.directory, FOLDER);
      writeFileSync(file.path, batch.body, { mode: 0o600 });
      this.#grow(file, batch);
      return file;
    } catch (error) {
      this.#folder.forget(file);
      return this.#logError(error);
    }
  }

  /** Leaves all files to other processes before it returns: this process is about to end. */
  releaseSync(): void {
    this.#folder.releaseSync();
  }

  /** Works when all earlier work is done. Logs an error of the work, and resolves with undefined. */
  #turn<T>(work: () => Promise<T>): Promise<T | undefined> {
    const done = this.#lastTurn.then(work).catch((error: unknown) => this.#logError(error));
    this.#lastTurn = done;
    return done;
  }

  #logError(error: unknown): undefined {
    if (performance.now() - this.#loggedAt <= LOG_EVERY_MS) return;
    this.#loggedAt = performance.now();
    const { log, what, directory } = this.#options;
    const reason = isError(error) ? error.message : String(error);
    log.error({}, `${what} cannot be kept in ${directory}: ${reason}. Make it writable, or set DATA_DIR.`);
  }

  /** The file that batches are appended to. */
  get #open(): SpoolFile | undefined {
    return this.#folder.files.find(({ use }) => use === 'open');
  }

  /** The file to take next: the open file when there is no other. */
  get #oldest(): SpoolFile | undefined {
    const free = this.#folder.files.find(({ use }) => use === 'free');
    return free ?? (this.#open?.items ? this.#open : undefined);
  }

  /** The file that a batch is written to. */
  async #fileFor({ body, items }: Batch, isSending: boolean): Promise<SpoolFile> {
    const open = this.#open;
    if (open !== undefined && !isSending && ageOf(open) <= MAX_FILE_MS) {
      const isFull = (open.items ?? 0) + items > this.#options.maxItems;
      if (!isFull && open.bytes + body.length <= MAX_FILE_BYTES) return open;
    }
    await this.#closeOpen(); // later batches are newer
    return this.#folder.begin(isSending ? 'sending' : 'open');
  }

  #grow(file: SpoolFile, { body, items }: Batch): void {
    file.bytes += body.length;
    file.items = (file.items ?? 0) + items;
    this.#options.tally.counts.spooled += items;
  }

  /** Makes the open file free: any process may take it. */
  async #closeOpen(): Promise<void> {
    if (this.#open) await this.#folder.claim(this.#open, 'free');
  }

  async #takeOldest(): Promise<TakenFile | undefined> {
    for (let file = this.#oldest; file; file = this.#oldest) {
      if (!(await this.#folder.claim(file, 'sending'))) continue;
      const batch = await this.#read(file);
      if (batch.items > 0) return { file, batch };
      await this.#folder.remove(file);
    }
    return undefined;
  }

  /** The whole batches at the beginning of a claimed file; counts items that another process wrote. */
  async #read(file: SpoolFile): Promise<Batch> {
    const { tally } = this.#options;
    const bytes = await readFile(file.path).catch((error: unknown) => {
      this.#folder.handOver(file); // when the claim is old, to a process that can read it
      throw error;
    });
    const { length, items } = wholeBatches(bytes);
    if (file.items === undefined) tally.counts.recovered += items;
    else tally.lose('spool_damaged', file.items - items);
    file.items = items;
    return { body: bytes.subarray(0, length), items };
  }

  /** Drops the oldest files until `bytes` more fit; false when they cannot. */
  async #makeRoom(bytes: number): Promise<boolean> {
    const { maxBytes, tally } = this.#options;
    while (bytesOf(this.#folder.files) + bytes > maxBytes) {
      const taken = await this.#takeOldest();
      if (!taken) return false;
      await this.#folder.remove(taken.file);
      tally.lose('spool_full', taken.batch.items);
    }
    return true;
  }
}

function bytesOf(files: readonly SpoolFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** How long ago a file was begun, in milliseconds: its name begins with the time. */
function ageOf({ name }: SpoolFile): number {
  return Date.now() - Number.parseInt(name, 10);
}
