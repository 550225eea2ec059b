import { basename } from 'node:path';
import type { LossReason } from '../counters.ts';
import type { Batch } from '../wire/batch.ts';
import { FileWriter } from './file-writer.ts';
import { FreeSpace } from './free-space.ts';
import type { SpoolFile, TakenBatch } from './spool-file.ts';
import { bytesOf, itemsOf, newFile, readLeftFile } from './spool-file.ts';
import type { SpoolFiles } from './spool-files.ts';
import { DISK_FILES, isMissing } from './spool-files.ts';
import { SpoolFolder } from './spool-folder.ts';
import type { SpoolOptions } from './spool-options.ts';

/** Batches are appended to a file until it has this size, or this age in milliseconds. */
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_FILE_MS = 1_000;

/** The oldest file is dropped when the spool is full: of all that is kept, that is at most this part. */
const FILES = 8;

/** What nobody has taken for so long is given up, in milliseconds. */
const MAX_AGE_MS = 7 * 24 * 3_600_000;

/**
 * Batches on disk, first in, first out. A file holds batches one after the other and nothing else, so it is sent as it is,
 * and removed. Nothing is made on disk before the first batch. Nobody waits for the disk: a batch that is not written
 * yet is in memory still, and is sent from there.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #disk: SpoolFiles;
  readonly #writer: FileWriter;
  readonly #folder: SpoolFolder;
  readonly #volume: FreeSpace;
  /** Oldest first. */
  #files: SpoolFile[] = [];
  /** The file that batches are appended to. */
  #open: SpoolFile | undefined;
  #isClosed = false;
  #tending: Promise<void> | undefined;

  constructor(options: SpoolOptions) {
    this.#options = options;
    const { directory, root, files = DISK_FILES, statfs, onRefused } = options;
    this.#disk = files;
    this.#volume = new FreeSpace(directory, statfs);
    void this.#volume.ask();
    this.#folder = new SpoolFolder(directory, root, onRefused);
    this.#writer = new FileWriter({
      folder: this.#folder,
      disk: files,
      onWritten: options.onWritten,
      onBroken: (file) => this.#broken(file),
      onMissing: () => this.#forget(),
      onError: options.onError,
    });
  }

  /** What is on disk. */
  get size(): { readonly items: number; readonly bytes: number; readonly capacityBytes: number } {
    const { bytes, capacityBytes } = this;
    return { items: this.items - this.unwritten.items, bytes, capacityBytes };
  }

  /** Items that this process will send, on disk or on their way there. */
  get items(): number {
    return this.#files.reduce((sum, { items }) => sum + items, 0);
  }

  get bytes(): number {
    return this.#files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Items that would be lost with the process, and the memory that they take. */
  get unwritten(): { readonly items: number; readonly bytes: number } {
    const batches = this.#files.flatMap(({ unwritten }) => unwritten);
    return { items: itemsOf(batches), bytes: bytesOf(batches) };
  }

  /** This process's share of the room. */
  get capacityBytes(): number {
    return Math.floor(this.#options.maxBytes / (1 + this.#folder.others));
  }

  /** Whether the volume has no room that the spool may still take. */
  get isVolumeFull(): boolean {
    return this.#volume.bytes <= 0;
  }

  /** How much room the volume has: see {@link FreeSpace}. */
  get volumeSaid(): string {
    return this.#volume.said;
  }

  /** Has a batch written, dropping the oldest file when there is no room; false when it cannot be kept at all. */
  append(batch: Batch): boolean {
    if (!this.#fits(batch)) return false;
    this.#makeRoom(batch.body.length);
    const { bytes: length } = this.#open ?? { bytes: 0 };
    const most = Math.min(MAX_FILE_BYTES, Math.floor(this.#room / FILES));
    const isFull = length + batch.body.length > most;
    if (!this.#open || isFull || performance.now() - this.#open.begun > MAX_FILE_MS)
      this.#open = this.#begin();
    this.#write(this.#open, batch);
    return true;
  }

  /** Has a batch that is being sent written to a file of its own, to be given to {@link finish} or {@link putBack}. */
  keep(batch: Batch): SpoolFile | undefined {
    if (!this.#fits(batch)) return undefined;
    this.#makeRoom(batch.body.length);
    const file = this.#begin();
    file.isTaken = true;
    this.#write(file, batch);
    return file;
  }

  /**
   * The oldest files, whole: one, or several small ones that fit the limits. To be given to {@link finish} or {@link putBack}.
   * Undefined when there are none, or they cannot be read now.
   */
  async take(maxItems: number, maxBytes: number): Promise<TakenBatch | undefined> {
    const taken = this.#next(maxItems, maxBytes);
    const bodies: Buffer[] = [];
    const files: SpoolFile[] = [];
    for (const file of taken) {
      try {
        bodies.push(await this.#read(file));
        files.push(file);
      } catch (error) {
        if (!isMissing(error)) {
          this.putBack(taken);
          this.#options.onError(error);
          return undefined;
        }
        if (file.isGone) this.#options.onLost('spool_full', file.items);
        else this.#lose(file, 'spool_damaged');
      }
    }
    if (files.length > 0) return { body: Buffer.concat(bodies), items: itemsOf(files), files };
    return taken.length > 0 ? this.take(maxItems, maxBytes) : undefined;
  }

  /** They were delivered, or given up: they are not sent again. */
  finish(files: readonly SpoolFile[]): void {
    for (const file of files) if (!file.isGone) this.#remove(file);
  }

  /** They were not delivered and wait again, in their old place. @returns false when one of them is gone: then all are */
  putBack(files: readonly SpoolFile[]): boolean {
    if (files.some(({ isGone }) => isGone)) {
      this.finish(files);
      return false;
    }
    for (const file of files) {
      file.isTaken = false;
      if (file.isBroken) this.#giveBack(file);
    }
    return true;
  }

  /**
   * To be called every few seconds: says that this process lives, takes over what others have left, and drops the oldest
   * files when the volume has no room. Does not reject.
   */
  tend(): Promise<void> {
    this.#tending ??= this.#tend()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#tending = undefined;
      });
    return this.#tending;
  }

  /** Drops files that were begun more than a week ago; not those that are being sent. */
  dropOld(): void {
    for (const file of [...this.#files]) {
      const isOld = Date.now() - Number.parseInt(basename(file.path), 10) > MAX_AGE_MS;
      if (isOld && !file.isTaken) this.#lose(file, 'spool_old');
    }
  }

  /** Resolves when the disk has followed. */
  settled(): Promise<void> {
    return this.#writer.settled();
  }

  /** Has the disk follow before it returns, and leaves the files to other processes: this one is about to end. */
  settleSync(): void {
    this.#writer.settleSync();
    try {
      this.#folder.leaveSync();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Leaves the files to other processes. What is not written is forgotten. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#writer.drop();
    this.#files = [];
    await this.#folder.leave().catch((error: unknown) => this.#options.onError(error));
  }

  get #room(): number {
    return Math.min(this.capacityBytes, this.bytes + this.#volume.bytes);
  }

  /** Whether the batch could be kept, if everything older were dropped, and the disk is not too far behind. */
  #fits({ body }: Batch): boolean {
    const { bytes } = this.unwritten;
    const isBehind = bytes > 0 && bytes + body.length > this.#options.maxUnwrittenBytes;
    return !this.#isClosed && !isBehind && body.length <= this.#room;
  }

  #begin(): SpoolFile {
    this.#writer.makeFolder();
    const file = newFile(this.#folder.nextFile());
    this.#files.push(file);
    return file;
  }

  #write(file: SpoolFile, batch: Batch): void {
    this.#volume.used(batch.body.length);
    this.#writer.append(file, batch);
  }

  #broken(file: SpoolFile): void {
    if (this.#open === file) this.#open = undefined;
    if (!file.isTaken) this.#giveBack(file);
  }

  /** The batches that did not get to the disk go back to memory. */
  #giveBack(file: SpoolFile): void {
    const { unwritten } = file;
    file.unwritten = [];
    file.items -= itemsOf(unwritten);
    file.bytes = file.written;
    if (file.items === 0) this.#remove(file);
    for (const batch of unwritten) this.#options.onUnwritten(batch);
  }

  #next(maxItems: number, maxBytes: number): SpoolFile[] {
    const taken: SpoolFile[] = [];
    let items = 0;
    let bytes = 0;
    for (const file of this.#files) {
      if (file.isTaken) continue;
      items += file.items;
      bytes += file.bytes;
      if (taken.length > 0 && (items > maxItems || bytes > maxBytes)) break;
      file.isTaken = true;
      if (this.#open === file) this.#open = undefined;
      taken.push(file);
    }
    return taken;
  }

  async #read({ path, written, unwritten }: SpoolFile): Promise<Buffer> {
    const inMemory = unwritten.map(({ body }) => body);
    return Buffer.concat(written > 0 ? [await this.#disk.read(path, written), ...inMemory] : inMemory);
  }

  async #tend(): Promise<void> {
    await this.#folder.renew();
    let items = 0;
    for (const path of await this.#folder.claim()) {
      const file = await readLeftFile(this.#disk, path, this.#options.onTorn);
      items += file.items;
      this.#files.push(file);
      if (file.items === 0) this.#remove(file);
    }
    this.#files.sort((a, b) => (basename(a.path) < basename(b.path) ? -1 : 1));
    if (items > 0) this.#options.onAdopted(items);
    await this.#volume.ask();
    this.#makeRoom(0);
  }

  /** Drops the oldest files until `bytes` more fit. */
  #makeRoom(bytes: number): void {
    for (;;) {
      const isOverShare = this.bytes + bytes > this.capacityBytes;
      const [oldest] = this.#files;
      if (!oldest || (!isOverShare && bytes <= this.#volume.bytes)) return;
      // What is being sent may yet arrive; it is kept anew when it does not.
      if (oldest.isTaken) this.#remove(oldest);
      else this.#lose(oldest, isOverShare ? 'spool_full' : 'disk_full');
    }
  }

  #lose(file: SpoolFile, reason: LossReason): void {
    this.#remove(file);
    this.#options.onLost(reason, file.items);
  }

  #remove(file: SpoolFile): void {
    file.isGone = true;
    file.unwritten = [];
    this.#volume.used(-file.bytes);
    this.#files = this.#files.filter((each) => each !== file);
    if (this.#open === file) this.#open = undefined;
    this.#writer.remove(file);
  }

  #failed(error: unknown): void {
    if (isMissing(error)) this.#forget();
    else this.#options.onError(error);
  }

  /** Somebody removed the folder: gives up all that was on disk, and starts anew with what was not. */
  #forget(): void {
    const files = this.#files;
    this.#files = [];
    this.#open = undefined;
    this.#folder.isMade = false;
    for (const file of files) file.isGone = true;
    const waiting = files.filter(({ isTaken }) => !isTaken);
    const unwritten = waiting.flatMap((file) => file.unwritten);
    this.#options.onLost('spool_damaged', itemsOf(waiting) - itemsOf(unwritten));
    for (const batch of unwritten) if (!this.append(batch)) this.#options.onUnwritten(batch);
  }
}
