import { mkdirSync } from 'node:fs';
import { rm, truncate } from 'node:fs/promises';
import type { Logger } from '../logger.ts';
import type { Batch } from '../wire/batch.ts';
import { wholeBatches } from '../wire/whole-batches.ts';
import type { SpoolFiles, StatFs } from './disk.ts';
import { DISK_FILES, enterFolder, RefusedPathError, roomOnVolume } from './disk.ts';
import type { FolderOptions, SpoolFile } from './spool-folder.ts';
import { SpoolFolder } from './spool-folder.ts';

/** Batches are appended to a file until it has this size, or this age in milliseconds. */
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_FILE_MS = 1_000;

/** When the spool is full, its oldest file is dropped: a file has at most this part of the room. */
const FILES = 8;

/** How often an error of the file system is logged, in milliseconds. */
const LOG_EVERY_MS = 60_000;

export interface SpoolOptions extends FolderOptions {
  /** What is kept here, as it begins a sentence: `Spans for otlp`. */
  readonly what: string;
  readonly maxBytes: number;
  /** The most items in a file. */
  readonly maxItems: number;
  readonly log: Logger;
  readonly files?: SpoolFiles | undefined;
  readonly statfs?: StatFs | undefined;
}

/** A file that this process has claimed, and what is in it. */
export interface TakenFile {
  readonly file: SpoolFile;
  readonly batch: Batch;
}

/**
 * Batches on disk, first in, first out, in one folder for all processes. A file holds batches one after the other and
 * nothing else, so it is sent as it is and removed. What is done on disk is done one thing after the other; nothing is
 * made there before the first batch. No method rejects.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #disk: SpoolFiles;
  readonly #folder: SpoolFolder;
  /** The file that batches are appended to, and when it was begun. */
  #open: { readonly file: SpoolFile; readonly begun: number } | undefined;
  #writing: { readonly file: SpoolFile; readonly batch: Batch } | undefined;
  #lastTurn: Promise<unknown> = Promise.resolve();
  #loggedAt = Number.NEGATIVE_INFINITY;
  /** Whether the volume had no room for the spool when it was last asked. */
  isVolumeFull = false;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#disk = options.files ?? DISK_FILES;
    this.#folder = new SpoolFolder(options);
  }

  /** What this process has on disk: what it wrote, and what it has read of others. */
  get size(): { readonly items: number; readonly bytes: number; readonly capacityBytes: number } {
    const own = this.#folder.files.filter(({ items }) => items !== undefined);
    const [items, bytes] = own.reduce(([i, b], file) => [i + (file.items ?? 0), b + file.bytes], [0, 0]);
    return { items, bytes, capacityBytes: this.#options.maxBytes };
  }

  /** Whether there is nothing to be taken. */
  get isEmpty(): boolean {
    return this.#oldest === undefined;
  }

  /**
   * Writes a batch behind others.
   *
   * @param isWanted asked when it is written; when it is not, it is taken back
   */
  append(batch: Batch, isWanted: () => boolean): Promise<void> {
    return this.#turn(async () => {
      if (!(await this.#makeRoom(batch.body.length))) return;
      const file = await this.#fileFor(batch);
      if (!(await this.#write(batch, file))) return;
      if (isWanted()) this.#grow(file, batch);
      else await this.#takeBack(file);
    });
  }

  /**
   * Writes a batch that is being sent to a file of its own, to be given to {@link finish} or {@link putBack}; undefined
   * when it cannot be written.
   */
  keep(batch: Batch): Promise<SpoolFile | undefined> {
    return this.#turn(async () => {
      if (!(await this.#makeRoom(batch.body.length))) return undefined;
      await this.#closeOpen(); // what is appended later is newer
      const file = this.#folder.newFile();
      if (!(await this.#write(batch, file))) return undefined;
      this.#grow(file, batch);
      return file;
    });
  }

  /** Claims the oldest file that is anyone's, whole; undefined when there is none, or it cannot be read now. */
  take(): Promise<TakenFile | undefined> {
    return this.#turn(() => this.#takeOldest());
  }

  /** The batch was delivered, or given up: it is not sent again. */
  finish(file: SpoolFile): void {
    const path = this.#folder.pathOf(file);
    this.#folder.forget(file);
    void this.#turn(() => rm(path, { force: true }));
  }

  /** The batch was not delivered, and waits again in its old place, for anyone. */
  putBack(file: SpoolFile): void {
    void this.#turn(() => this.#folder.claim(file, undefined));
  }

  /** To be called every few seconds: looks for the files of others, and drops the oldest when the volume has no room. */
  tend(): Promise<void> {
    return this.#turn(async () => {
      if (this.#open && performance.now() - this.#open.begun > MAX_FILE_MS) await this.#closeOpen();
      await this.#folder.list((error) => this.#logError(error));
      if (this.#folder.files.length > 0) await this.#makeRoom(0);
    });
  }

  /** Resolves when all that was begun is done. */
  async settled(): Promise<void> {
    await this.#lastTurn;
  }

  /** Leaves all files to other processes. */
  close(): Promise<void> {
    return this.#turn(() => this.#closeOpen());
  }

  /**
   * Writes batches before it returns, each to a file of its own, and leaves all files to other processes: this one is
   * about to end. A batch whose write is under way is written to the same place: both together have the effect of one.
   *
   * @returns the files of the batches, undefined where one could not be written
   */
  writeSync(batches: readonly Batch[]): (SpoolFile | undefined)[] {
    const written = batches.map((batch) => {
      try {
        mkdirSync(this.#options.directory, { recursive: true, mode: 0o700 });
        const file = this.#writing?.batch === batch ? this.#writing.file : this.#folder.newFile();
        this.#disk.writeSync(this.#folder.pathOf(file), batch.body, file.bytes);
        this.#grow(file, batch);
        return file;
      } catch (error) {
        this.#logError(error);
        return undefined;
      }
    });
    this.#open = undefined;
    this.#folder.leaveSync();
    return written;
  }

  /** Works after all that was asked for before. Resolves with undefined when it fails, which is logged. */
  #turn<T>(work: () => Promise<T>): Promise<T | undefined> {
    const done = this.#lastTurn.then(work).catch((error: unknown) => {
      this.#logError(error);
      return undefined;
    });
    this.#lastTurn = done;
    return done;
  }

  #logError(error: unknown): void {
    if (performance.now() - this.#loggedAt <= LOG_EVERY_MS) return;
    this.#loggedAt = performance.now();
    const { log, what, directory } = this.#options;
    const message =
      error instanceof RefusedPathError
        ? `${error.message}: remove it, or set DATA_DIR.`
        : `${what} cannot be kept in ${directory}: make it writable, or set DATA_DIR.`;
    log.error({ err: error }, message);
  }

  /** What is taken next: the file that batches are appended to when there is no other. */
  get #oldest(): SpoolFile | undefined {
    return this.#folder.oldest ?? (this.#open?.file.items ? this.#open.file : undefined);
  }

  /** The file that the batch is appended to. */
  async #fileFor({ body, items }: Batch): Promise<SpoolFile> {
    if (this.#open) {
      const { file, begun } = this.#open;
      const maxBytes = Math.min(MAX_FILE_BYTES, this.#options.maxBytes / FILES);
      const fits =
        file.bytes + body.length <= maxBytes && (file.items ?? 0) + items <= this.#options.maxItems;
      if (fits && performance.now() - begun <= MAX_FILE_MS) return file;
      await this.#closeOpen();
    }
    this.#open = { file: this.#folder.newFile(), begun: performance.now() };
    return this.#open.file;
  }

  /** Writes a batch to the end of a file; false when the dying process has written it meanwhile. */
  async #write(batch: Batch, file: SpoolFile): Promise<boolean> {
    const path = this.#folder.pathOf(file);
    this.#writing = { file, batch };
    try {
      await this.#disk.write(path, batch.body, file.bytes);
      const isOurs = this.#folder.pathOf(file) === path;
      if (!isOurs) await rm(path, { force: true });
      return isOurs;
    } catch (error) {
      if (file.items === 0) this.#forget(file);
      throw error;
    } finally {
      this.#writing = undefined;
    }
  }

  /** What was written behind the end of a file is removed. */
  async #takeBack(file: SpoolFile): Promise<void> {
    if (file.items !== 0) {
      await truncate(this.#folder.pathOf(file), file.bytes);
      return;
    }
    this.#forget(file);
    await rm(this.#folder.pathOf(file), { force: true });
  }

  #forget(file: SpoolFile): void {
    this.#folder.forget(file);
    if (this.#open?.file === file) this.#open = undefined;
  }

  #grow(file: SpoolFile, { body, items }: Batch): void {
    file.bytes += body.length;
    file.items = (file.items ?? 0) + items;
    this.#options.tally.spooled += items;
  }

  /** Other processes may take what was appended so far. */
  async #closeOpen(): Promise<void> {
    const file = this.#open?.file;
    this.#open = undefined;
    if (file) await this.#folder.claim(file, undefined);
  }

  async #takeOldest(): Promise<TakenFile | undefined> {
    for (let file = this.#oldest; file; file = this.#oldest) {
      if (file === this.#open?.file) this.#open = undefined;
      else if (!(await this.#folder.claim(file, Date.now()))) continue;
      const batch = await this.#read(file);
      if (batch.items > 0) return { file, batch };
      await this.#folder.remove(file);
    }
    return undefined;
  }

  /** What is in a claimed file, up to the end of its last whole batch; counts it when another process has left it. */
  async #read(file: SpoolFile): Promise<Batch> {
    const { tally, log } = this.#options;
    const bytes = await this.#disk.read(this.#folder.pathOf(file)).catch(async (error: unknown) => {
      await this.#folder.claim(file, undefined);
      throw error;
    });
    const { length, items } = wholeBatches(bytes);
    const torn = bytes.length - length;
    const shown = this.#folder.pathOf({ ...file, claimedAt: undefined });
    if (torn > 0) log.warn({}, `The last ${torn} bytes of ${shown} are torn: what is before them is sent.`);
    if (file.items === undefined) tally.recovered += items;
    else tally.lose('spool_damaged', file.items - items);
    file.items = items;
    return { body: bytes.subarray(0, length), items };
  }

  /** Makes the folder, and drops the oldest files until `bytes` more fit; false when that cannot be. */
  async #makeRoom(bytes: number): Promise<boolean> {
    const { root, directory, maxBytes, statfs } = this.#options;
    if ((await enterFolder(root, directory, true)) === 'made') {
      this.#folder.removed(this.#open?.file);
      this.#open = undefined;
    }
    for (;;) {
      const room = await roomOnVolume(directory, statfs);
      const isFull = this.#folder.bytes + bytes > maxBytes;
      this.isVolumeFull = bytes > room;
      if (!isFull && !this.isVolumeFull) return true;
      if (bytes > 0 && bytes > Math.min(maxBytes, this.#folder.bytes + room)) return false;
      const taken = await this.#takeOldest();
      if (!taken) return false;
      await this.#folder.remove(taken.file);
      this.#options.tally.lose(isFull ? 'spool_full' : 'disk_full', taken.batch.items);
    }
  }
}
