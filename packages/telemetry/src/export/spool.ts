import { mkdirSync } from 'node:fs';
import { rm, truncate } from 'node:fs/promises';
import type { LossReason } from '../counters.ts';
import type { Logger } from '../logger.ts';
import type { Batch } from '../wire/batch.ts';
import { wholeBatches } from '../wire/whole-batches.ts';
import type { SpoolFiles } from './disk.ts';
import { DISK_FILES, isMissing } from './disk.ts';
import { DiskTurns } from './disk-turns.ts';
import type { StatFs } from './free-space.ts';
import { FreeSpace } from './free-space.ts';
import type { FolderOptions, SpoolFile } from './spool-folder.ts';
import { SpoolFolder } from './spool-folder.ts';
import type { Tally } from './tally.ts';

/** Batches are appended to a file until it has this size, or this age in milliseconds. */
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_FILE_MS = 1_000;

/** When the spool is full, its oldest file is dropped: of all that is kept, a file is at most this part. */
const FILES = 8;

/** What nobody has taken for so long is given up, in milliseconds. */
const MAX_AGE_MS = 7 * 24 * 3_600_000;

export interface SpoolOptions extends Omit<FolderOptions, 'onNotice'> {
  /** What is kept here, as it begins a sentence: `Spans for otlp`. */
  readonly what: string;
  readonly log: Logger;
  readonly maxBytes: number;
  /** The most items in a file. */
  readonly maxItems: number;
  readonly statfs?: StatFs | undefined;
  readonly files?: SpoolFiles | undefined;
  /** Counts what becomes of items. */
  readonly tally: Pick<Tally, 'spooled' | 'recovered' | 'handedOver' | 'lose'>;
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
  /** The file that batches are appended to, when it was begun, and whether there are bytes behind its end. */
  #open: { readonly file: SpoolFile; readonly begun: number; isUntidy: boolean } | undefined;
  #writing: { readonly file: SpoolFile; readonly batch: Batch } | undefined;
  readonly #volume: FreeSpace;
  readonly #turns: DiskTurns;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#disk = options.files ?? DISK_FILES;
    this.#folder = new SpoolFolder({ ...options, onNotice: (message) => options.log.warn({}, message) });
    this.#volume = new FreeSpace(options.directory, options.statfs);
    const { what, directory, log } = options;
    this.#turns = new DiskTurns(what, directory, log);
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

  /** Whether the volume has no room that the spool may still take. */
  get isVolumeFull(): boolean {
    return this.#volume.bytes <= 0;
  }

  /**
   * Writes a batch behind others.
   *
   * @param leave called when it is written; false when it is not wanted any more: the next batch is written over it
   */
  append(batch: Batch, leave: () => boolean): Promise<void> {
    return this.#turns.take(async () => {
      if (!(await this.#makeRoom(batch.body.length))) return;
      const file = await this.#write(batch, () => this.#fileFor(batch));
      if (leave()) this.#grow(file, batch);
      else if (this.#open?.file === file) this.#open.isUntidy = true;
    });
  }

  /**
   * Writes a batch that is being sent to a file of its own, to be given to {@link finish} or {@link putBack}; undefined
   * when it cannot be written.
   */
  keep(batch: Batch): Promise<SpoolFile | undefined> {
    return this.#turns.take(async () => {
      if (!(await this.#makeRoom(batch.body.length))) return undefined;
      await this.#closeOpen(); // what is appended later is newer
      const file = await this.#write(batch, async () => this.#folder.newFile());
      this.#grow(file, batch);
      return file;
    });
  }

  /** Claims the oldest file that is anyone's, whole; undefined when there is none, or it cannot be read now. */
  take(): Promise<TakenFile | undefined> {
    return this.#turns.take(() => this.#takeOldest());
  }

  /** The batch was delivered, or given up: it is not sent again. */
  finish(file: SpoolFile): void {
    const path = this.#folder.pathOf(file);
    this.#folder.forget(file);
    this.#volume.used(-file.bytes);
    void this.#turns.take(() => rm(path, { force: true }));
  }

  /** The batch was not delivered, and waits again in its old place, for anyone. */
  putBack(file: SpoolFile): void {
    void this.#turns.take(() => this.#folder.claim(file, undefined));
  }

  /** To be called every few seconds: looks for the files of others, and drops the oldest when the volume has no room. */
  tend(): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#open && performance.now() - this.#open.begun > MAX_FILE_MS) await this.#closeOpen();
      await this.#folder.list(this.#open?.file);
      if (this.#folder.files.length > 0) await this.#makeRoom(0);
    });
  }

  /** Drops files that were begun more than a week ago. */
  dropOld(): Promise<void> {
    return this.#turns.take(async () => {
      const isOld = () => Number.parseInt(this.#oldest?.name ?? '', 10) < Date.now() - MAX_AGE_MS;
      while (isOld() && (await this.#dropOldest('spool_old')));
    });
  }

  /** Resolves when all that was begun is done. */
  settled(): Promise<void> {
    return this.#turns.settled();
  }

  /** Leaves all files to other processes. */
  close(): Promise<void> {
    return this.#turns.take(() => this.#closeOpen());
  }

  /**
   * Writes batches before it returns, each to a file of its own, and leaves all files to other processes: this one is
   * about to end. A batch whose write is under way is written to the same place: both together have the effect of one.
   *
   * @returns the files of the batches, undefined where one could not be written
   */
  writeSync(batches: readonly Batch[]): (SpoolFile | undefined)[] {
    const written = batches.map((batch) => this.#writeSync(batch));
    this.#open = undefined;
    this.#folder.leaveSync((error) => this.#turns.logError(error));
    return written;
  }

  #writeSync(batch: Batch): SpoolFile | undefined {
    try {
      if (!this.#folder.isMade) mkdirSync(this.#options.directory, { recursive: true, mode: 0o700 });
      this.#folder.isMade = true;
      const file = this.#writing?.batch === batch ? this.#writing.file : this.#folder.newFile();
      this.#disk.writeSync(this.#folder.pathOf(file), batch.body, file.bytes);
      this.#grow(file, batch);
      return file;
    } catch (error) {
      this.#turns.logError(error);
      return undefined;
    }
  }

  /** What is taken next: the file that batches are appended to when there is no other. */
  get #oldest(): SpoolFile | undefined {
    return this.#folder.oldest ?? (this.#open?.file.items ? this.#open.file : undefined);
  }

  /** The file that the batch is appended to. */
  async #fileFor({ body, items }: Batch): Promise<SpoolFile> {
    if (this.#open) {
      const { file, begun } = this.#open;
      const most = Math.min(MAX_FILE_BYTES, Math.floor(this.#capacity / FILES));
      const isFull = file.bytes + body.length > most || (file.items ?? 0) + items > this.#options.maxItems;
      if (!isFull && performance.now() - begun <= MAX_FILE_MS) return file;
      await this.#closeOpen();
    }
    const file = this.#folder.newFile();
    this.#open = { file, begun: performance.now(), isUntidy: false };
    return file;
  }

  /** Writes a batch to the end of a file; to a new one when somebody has removed the folder. */
  async #write(batch: Batch, fileFor: () => Promise<SpoolFile>, isAgain = false): Promise<SpoolFile> {
    await this.#folder.make();
    const file = await fileFor();
    const path = this.#folder.pathOf(file);
    this.#writing = { file, batch };
    try {
      await this.#disk.write(path, batch.body, file.bytes);
      // The dying process has written it meanwhile, and given the file another name.
      if (this.#folder.pathOf(file) !== path) await rm(path, { force: true });
      return file;
    } catch (error) {
      if (file.items === 0) this.#folder.forget(file);
      const isRemoved = isMissing(error) && !isAgain;
      if (isRemoved) await this.#folder.list(this.#open?.file);
      if (isRemoved || file.items === 0) this.#open = undefined;
      if (!isRemoved) throw error;
    } finally {
      this.#writing = undefined;
    }
    return this.#write(batch, fileFor, true);
  }

  #grow(file: SpoolFile, { body, items }: Batch): void {
    file.bytes += body.length;
    file.items = (file.items ?? 0) + items;
    this.#volume.used(body.length);
    this.#options.tally.spooled += items;
  }

  /** Other processes may take what was appended so far. */
  async #closeOpen(): Promise<void> {
    if (!this.#open) return;
    const { file, isUntidy } = this.#open;
    this.#open = undefined;
    if (file.items === 0) await this.#folder.remove(file);
    else {
      if (isUntidy) await truncate(this.#folder.pathOf(file), file.bytes);
      await this.#folder.claim(file, undefined);
    }
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
    const path = this.#folder.pathOf(file);
    const read = await this.#disk.read(path).catch(async (error: unknown) => {
      await this.#folder.claim(file, undefined);
      throw error;
    });
    const bytes = file.items === undefined ? read : read.subarray(0, file.bytes);
    const { length, items } = wholeBatches(bytes);
    const torn = bytes.length - length;
    const shown = this.#folder.pathOf({ ...file, claimedAt: undefined });
    if (torn > 0) log.warn({}, `The last ${torn} bytes of ${shown} are torn: what is before them is sent.`);
    if (file.items === undefined) tally.recovered += items;
    else tally.lose('spool_damaged', file.items - items);
    file.items = items;
    return { body: bytes.subarray(0, length), items };
  }

  /** Bytes that the spool may have altogether. */
  get #capacity(): number {
    return Math.min(this.#options.maxBytes, this.#folder.bytes + this.#volume.bytes);
  }

  /** Drops the oldest files until `bytes` more fit; false when that cannot be. */
  async #makeRoom(bytes: number): Promise<boolean> {
    await this.#volume.ask();
    if (bytes > 0 && bytes > this.#capacity) return false;
    for (;;) {
      const isFull = this.#folder.bytes + bytes > this.#options.maxBytes;
      if (!isFull && bytes <= this.#volume.bytes) return true;
      if (!(await this.#dropOldest(isFull ? 'spool_full' : 'disk_full'))) return false;
    }
  }

  async #dropOldest(reason: LossReason): Promise<boolean> {
    const taken = await this.#takeOldest();
    if (!taken) return false;
    this.#volume.used(-taken.file.bytes);
    await this.#folder.remove(taken.file);
    const more = reason === 'disk_full' ? this.#volume.said : '';
    this.#options.tally.lose(reason, taken.batch.items, more);
    return true;
  }
}
