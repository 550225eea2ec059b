import { basename, dirname } from 'node:path';
import type { Batch } from '../encoding/batch-builder.ts';
import type { DiskTask } from './disk-tasks.ts';
import { DiskTasks } from './disk-tasks.ts';
import type { StatFs } from './free-space.ts';
import { FreeSpace } from './free-space.ts';
import type { OwnedDirectory } from './owned-directory.ts';
import { isMissing, segmentTime } from './owned-directory.ts';
import { RefusedPathError } from './refusal.ts';
import { DONE, decodeRecord, encodeRecord, RECORD_OVERHEAD_BYTES, scanRecords } from './scan-records.ts';
import type { SpoolRecord } from './segment.ts';
import { Segment } from './segment.ts';
import { SpoolDirectories } from './spool-directories.ts';
import type { SpoolFiles } from './spool-files.ts';
import { DISK_FILES } from './spool-files.ts';

export interface SpoolOptions {
  /** One destination's directory; it may be shared with other processes of the same service. */
  readonly directory: string;
  /** Where the spool begins: from here down to `directory`, no directory may be a link. Default: `directory` itself. */
  readonly root?: string;
  /** The most bytes on disk, shared by all processes that use the directory now. */
  readonly maxBytes: number;
  /** The most bytes that wait for the disk, but for a single larger batch; default 16 MiB. */
  readonly maxUnwrittenBytes?: number;
  /** Called with items that are lost: the oldest, when it is full, and those whose bytes are damaged. */
  readonly onLost: (
    reason: 'spool_full' | 'spool_old' | 'disk_full' | 'spool_damaged',
    items: number,
  ) => void;
  /** Called when so many items are on disk that were in memory only. */
  readonly onWritten?: (items: number) => void;
  /** Called with a batch that could not be written, and is given back. */
  readonly onUnwritten?: (batch: Batch) => void;
  /** Called with what the file system says in the background. */
  readonly onError?: (error: unknown) => void;
  /** Called with bytes that are no record, in a file that an ended process left; before their items are given to `onLost`. */
  readonly onDamaged?: (damage: { path: string; bytes: number; items: number }) => void;
  /** Called once with each link, pipe or device among what ended processes left. */
  readonly onRefused?: (error: RefusedPathError) => void;
  /** Default: `fs.statfs`. */
  readonly statfs?: StatFs | undefined;
  /** Default: those of the file system. */
  readonly files?: SpoolFiles | undefined;
}

/** Records taken together, and their bodies in a row, which are one request. */
export interface TakenBatch extends Batch {
  readonly records: readonly SpoolRecord[];
}

/** With eight segments, dropping the oldest one loses an eighth of the room at most. */
const SEGMENTS = 8;
const MAX_SEGMENT_BYTES = 4 * 1024 * 1024;

/** How old a segment may be that its destination refuses, in milliseconds: a week. */
const MAX_AGE_MS = 7 * 24 * 3_600_000;

/** As much as waits in memory for a destination. */
const DEFAULT_UNWRITTEN_BYTES = 16 * 1024 * 1024;

/**
 * Batches on disk, first in, first out. Every process writes to a directory of its own inside the shared one and
 * holds a lock on it; what a process that ended has left is adopted by the first one that gets its lock.
 * Nothing is created on disk before the first batch.
 *
 * Where each batch goes is decided at once; the disk follows in the background, so that nobody waits for it. What is
 * not written yet is in memory still, and is taken from there.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #files: SpoolFiles;
  readonly #tasks = new DiskTasks();
  readonly #directories: SpoolDirectories;
  readonly #volume: FreeSpace;
  readonly #unwritten = new Set<SpoolRecord>();
  /** Oldest first. */
  #segments: Segment[] = [];
  #current: Segment | undefined;
  #isAdopting = false;
  #isClosed = false;

  constructor(options: SpoolOptions) {
    this.#options = options;
    const { directory, root = directory, files = DISK_FILES } = options;
    this.#files = files;
    this.#volume = new FreeSpace(directory, options.statfs);
    void this.#volume.ask();
    this.#directories = new SpoolDirectories(directory, root, options.onRefused);
  }

  /** Spans that this process will send, on disk or on their way there. */
  get items(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.items, 0);
  }

  /** Those of them that would be lost with the process. */
  get unwrittenItems(): number {
    let items = 0;
    for (const record of this.#unwritten) if (record.state !== 'done') items += record.items;
    return items;
  }

  /** Memory that waits for the disk. */
  get unwrittenBytes(): number {
    let bytes = 0;
    for (const { length } of this.#unwritten) bytes += length;
    return bytes;
  }

  /** Bytes on disk in this process's charge, or on their way there. */
  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** This process's share of the room. */
  get capacityBytes(): number {
    return Math.floor(this.#options.maxBytes / (1 + this.#directories.others));
  }

  /** Whether the volume has no room that the spool may still take. */
  get isVolumeFull(): boolean {
    return this.#volume.bytes <= 0;
  }

  /** How much room the volume has: see {@link FreeSpace}. */
  get volumeSaid(): string {
    return this.#volume.said;
  }

  /** Whether the batch could be kept, if everything older were dropped, and the disk is not too far behind. */
  fits(batch: Batch): boolean {
    const { maxUnwrittenBytes = DEFAULT_UNWRITTEN_BYTES } = this.#options;
    const bytes = batch.body.length + RECORD_OVERHEAD_BYTES;
    return (
      !this.#isClosed &&
      bytes <= this.capacityBytes &&
      bytes <= this.bytes + this.#volume.bytes &&
      (this.#unwritten.size === 0 || this.unwrittenBytes + batch.body.length <= maxUnwrittenBytes)
    );
  }

  /** Resolves when the disk has followed. */
  settled(): Promise<void> {
    return this.#tasks.settled();
  }

  /** Has the disk follow before it returns. */
  settleSync(): void {
    this.#tasks.finishSync();
  }

  /** Asks the volume for its room, and drops the oldest batches when others should have theirs. */
  async leaveRoom(): Promise<void> {
    await this.#volume.ask();
    this.#makeRoom(0);
  }

  /** Drops segments that were begun more than a week ago; not those of which something is being sent. */
  dropOld(): void {
    for (const segment of [...this.#segments]) {
      if (segment.takenItems > 0 || Date.now() - segmentTime(segment.path) <= MAX_AGE_MS) continue;
      const { items } = segment;
      this.#remove(segment);
      this.#options.onLost('spool_old', items);
    }
  }

  /**
   * Gives a batch that {@link fits} its place, dropping the oldest ones when there is no room; it is written soon.
   *
   * @param state `taken` when it is being sent already
   */
  append(batch: Batch, state: 'waiting' | 'taken' = 'waiting'): SpoolRecord {
    const bytes = batch.body.length + RECORD_OVERHEAD_BYTES;
    this.#makeRoom(bytes);
    this.#volume.used(bytes);
    const { segment, directory } = this.#segmentFor(batch.body.length);
    const record = segment.append(batch, state);
    this.#unwritten.add(record);
    const isUseless = () => segment.removed || segment.isBroken;
    const encoded = () => {
      if (!directory.isMade) throw new Error(`${directory.path} could not be made.`);
      return encodeRecord(batch);
    };
    this.#write(record, encoded, record.offset === 0, {
      isUseless,
      onDone: () => (segment.isBroken ? this.#giveBack(record) : this.#written(record)),
      onFailed: (error) => this.#notWritten(record, error, directory),
    });
    return record;
  }

  /**
   * The oldest batches that fit the limits, to be given to {@link finish} or {@link putBack}.
   *
   * @throws what the file system throws; they wait then in their place
   */
  async take(maxItems: number, maxBytes: number): Promise<TakenBatch | undefined> {
    for (const segment of [...this.#segments]) {
      const taken = await this.#takeFrom(segment, maxItems, maxBytes);
      this.#removeIfEmpty(segment);
      if (taken) return taken;
    }
    return undefined;
  }

  /** They were delivered, or given up: they are not sent again. */
  finish(records: readonly SpoolRecord[]): void {
    for (const record of records) {
      const { segment } = record;
      if (!segment.finish(record) || segment.removed || segment.items === 0) continue;
      if (segment.isBroken && record.unwritten) {
        this.#unwritten.delete(record);
        continue;
      }
      const isUseless = () => segment.removed || record.unwritten !== undefined;
      this.#write(record, () => Uint8Array.of(DONE), false, {
        isUseless,
        onFailed: (error) => this.#failed(error),
      });
    }
    for (const segment of new Set(records.map((record) => record.segment))) this.#removeIfEmpty(segment);
  }

  /** They were not delivered and wait again, in their old place. */
  putBack(records: readonly SpoolRecord[]): void {
    for (const record of records) {
      if (record.state === 'done') continue;
      if (record.segment.isBroken && record.unwritten) this.#giveBack(record, 'waiting');
      else if (record.segment.removed) this.#options.onLost('spool_full', record.items);
      else record.segment.putBack(record);
    }
  }

  /** Takes over what ended processes have left; returns how many items that is. */
  async adopt(): Promise<number> {
    if (this.#isAdopting || this.#isClosed) return 0;
    this.#isAdopting = true;
    let items = 0;
    try {
      for await (const directory of this.#directories.claim()) {
        if (this.#isClosed) {
          await directory.release();
          return 0;
        }
        this.#directories.adopt(directory);
        for (const file of await directory.segments()) items += await this.#adoptFile(file);
      }
    } finally {
      this.#isAdopting = false;
    }
    this.#segments.sort((a, b) => (basename(a.path) < basename(b.path) ? -1 : 1));
    for (const segment of [...this.#segments]) this.#removeIfEmpty(segment);
    return items;
  }

  /** Gives the directories up for others to adopt, and removes those without items. What is not written is forgotten. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#tasks.drop();
    this.#unwritten.clear();
    await this.#release();
  }

  async #release(): Promise<void> {
    this.#segments = [];
    this.#current = undefined;
    await this.#directories.release();
  }

  /** Returns the items in it. */
  async #adoptFile(path: string): Promise<number> {
    const most = Math.max(MAX_SEGMENT_BYTES, this.#options.maxBytes);
    const bytes = await this.#directories.unlessRefused(() => this.#files.readAll(path, most));
    if (!bytes) return 0;
    const scan = scanRecords(bytes);
    const segment = new Segment(path, bytes.length, scan);
    this.#segments.push(segment);
    const { damagedBytes, damagedItems } = scan;
    if (damagedBytes > 0) this.#options.onDamaged?.({ path, bytes: damagedBytes, items: damagedItems });
    if (damagedItems > 0) this.#options.onLost('spool_damaged', damagedItems);
    return segment.items;
  }

  /** Has bytes written where the record is, unless that has become useless when its turn comes. */
  #write(
    { segment: { path }, offset }: SpoolRecord,
    bytes: () => Uint8Array,
    isNew: boolean,
    { isUseless, ...told }: Pick<DiskTask, 'onDone' | 'onFailed'> & { readonly isUseless: () => boolean },
  ): void {
    this.#tasks.add({
      ...told,
      run: async () => {
        if (!isUseless()) await this.#files.write(path, bytes(), offset, isNew);
      },
      runSync: () => {
        if (!isUseless()) this.#files.writeSync(path, bytes(), offset, isNew);
      },
    });
  }

  #segmentFor(bytes: number): { segment: Segment; directory: OwnedDirectory } {
    const directory = this.#directories.own ?? this.#makeDirectory();
    const room = Math.min(this.capacityBytes, this.bytes + this.#volume.bytes);
    const most = Math.min(MAX_SEGMENT_BYTES, Math.floor(room / SEGMENTS));
    if (!this.#current || this.#current.bytes + bytes > most) {
      this.#current = new Segment(directory.nextSegment());
      this.#segments.push(this.#current);
    }
    return { segment: this.#current, directory };
  }

  #makeDirectory(): OwnedDirectory {
    const directories = this.#directories;
    const directory = directories.plan();
    this.#tasks.add({
      run: () => directories.make(directory),
      runSync: () => directories.makeSync(directory),
      onFailed: (error) => {
        // The next batch tries another one; those that wait for this one are given back.
        if (directories.giveUp(directory)) this.#current = undefined;
        this.#options.onError?.(error);
      },
    });
    return directory;
  }

  #written(record: SpoolRecord): void {
    record.unwritten = undefined;
    if (this.#unwritten.delete(record)) this.#options.onWritten?.(record.items);
  }

  #notWritten(record: SpoolRecord, error: unknown, directory: OwnedDirectory): void {
    if (record.segment.removed) return;
    if (isMissing(error) && directory.isMade) {
      this.#forget();
      return;
    }
    // Behind a gap nothing could be found again: the segment ends here, and those behind are given back in their turn.
    record.segment.isBroken = true;
    if (this.#current === record.segment) this.#current = undefined;
    if (directory.isMade) this.#options.onError?.(error);
    this.#giveBack(record);
  }

  /** A record without a place on disk: its batch goes back, or, being sent, stays here until that has ended. */
  #giveBack(record: SpoolRecord, state = record.state): void {
    const { segment, unwritten } = record;
    if (segment.removed || !unwritten) return;
    if (state === 'taken') return;
    this.#unwritten.delete(record);
    record.unwritten = undefined;
    segment.finish(record);
    if (state === 'waiting') this.#options.onUnwritten?.(unwritten);
    this.#removeIfEmpty(segment);
  }

  /** Drops the oldest segments until `bytes` more fit. */
  #makeRoom(bytes: number): void {
    for (;;) {
      const isOverShare = this.bytes + bytes > this.capacityBytes;
      if (!isOverShare && bytes <= this.#volume.bytes) return;
      const [oldest] = this.#segments;
      if (!oldest) return;
      // What is being sent may yet arrive; it is counted when it does not.
      const lost = oldest.items - oldest.takenItems;
      this.#remove(oldest);
      if (lost > 0) this.#options.onLost(isOverShare ? 'spool_full' : 'disk_full', lost);
    }
  }

  async #takeFrom(segment: Segment, maxItems: number, maxBytes: number): Promise<TakenBatch | undefined> {
    for (;;) {
      const records = segment.take(maxItems, maxBytes);
      if (records.length === 0) return undefined;
      const bodies: Buffer[] = [];
      const intact: SpoolRecord[] = [];
      let items = 0;
      try {
        for (const record of records) {
          const body = record.unwritten?.body ?? (await this.#read(record));
          if (typeof body !== 'string') {
            bodies.push(body);
            intact.push(record);
            items += record.items;
          } else {
            this.finish([record]);
            this.#options.onLost(body, record.items);
          }
        }
      } catch (error) {
        this.putBack(records);
        throw error;
      }
      if (intact.length > 0) return { body: Buffer.concat(bodies), items, records: intact };
    }
  }

  /** The record's body, or why it is lost. @throws when the disk cannot be read now */
  async #read({ segment, offset, length }: SpoolRecord): Promise<Buffer | 'spool_full' | 'spool_damaged'> {
    try {
      const bytes = await this.#files.read(segment.path, offset, RECORD_OVERHEAD_BYTES + length);
      return decodeRecord(bytes) ?? 'spool_damaged';
    } catch (error) {
      if (!isMissing(error) && !(error instanceof RefusedPathError)) throw error;
      // Its room was needed while it was read.
      if (segment.removed) return 'spool_full';
      this.#failed(error);
      return 'spool_damaged';
    }
  }

  #removeIfEmpty(segment: Segment): void {
    if (segment.items === 0 && !segment.removed) this.#remove(segment);
  }

  #remove(segment: Segment): void {
    segment.removed = true;
    for (const record of this.#unwritten) if (record.segment === segment) this.#unwritten.delete(record);
    this.#volume.used(-segment.bytes);
    this.#segments = this.#segments.filter((each) => each !== segment);
    if (this.#current === segment) this.#current = undefined;
    const directory = dirname(segment.path);
    // Our own directory is kept for the next batch; an adopted one is not needed any more.
    const isLast = !this.#segments.some((each) => dirname(each.path) === directory);
    const adopted = isLast ? this.#directories.dropAdopted(directory) : undefined;
    this.#tasks.add({
      run: async () => {
        await this.#files.remove(segment.path);
        await adopted?.release();
      },
      runSync: () => this.#files.removeSync(segment.path),
      onFailed: (error) => this.#failed(error),
    });
  }

  #failed(error: unknown): void {
    if (isMissing(error)) this.#forget();
    else this.#options.onError?.(error);
  }

  /** Somebody removed the directory while we ran: gives up all that was on disk, and starts anew with what was not. */
  #forget(): void {
    const lost = this.items - this.#segments.reduce((sum, { takenItems }) => sum + takenItems, 0);
    const waiting = [...this.#unwritten].filter(({ state }) => state === 'waiting');
    this.#unwritten.clear();
    for (const segment of this.#segments) segment.removed = true;
    void this.#release().catch((error: unknown) => this.#options.onError?.(error));
    const left = lost - waiting.reduce((sum, { items }) => sum + items, 0);
    if (left > 0) this.#options.onLost('spool_damaged', left);
    for (const { unwritten } of waiting) if (unwritten) this.append(unwritten);
  }
}
