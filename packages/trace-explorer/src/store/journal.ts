import type { FileHandle } from 'node:fs/promises';
import { lstat, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreGoneError } from './errors.ts';
import type { JournalRecord } from './journal-record.ts';
import { encodeRecord, findRecords, isTorn } from './journal-record.ts';

/** Past so many bytes a new segment is begun: a segment is read as a whole. */
const SEGMENT_BYTES = 32 * 1024 * 1024;
/** Segments are numbered in the order in which they were begun. */
const SEGMENT_NAME = /^explorer-(\d{12})\.journal$/u;
/** Records that DuckDB refused. */
const REJECTED_NAME = 'rejected.journal';

interface Segment {
  readonly path: string;
  bytes: number;
  isDamaged: boolean;
  /** All rows of its records are below; Infinity until it was read. */
  endSeq: number;
}

/** Where the journal could not be read. */
export interface Damage {
  /** Where the segment is once the database has the rest of it. */
  readonly path: string;
  /** Rows that are missing between two records. */
  readonly lostRows: number;
}

/**
 * What was acknowledged and is not yet in the database's file, in files beside it. Records are written in the order of
 * their `seq`, without a gap; a segment is removed as soon as the database has all that is in it. Only one operation runs at
 * a time.
 */
export class Journal {
  readonly #directory: string;
  /** In the order in which they were begun. */
  readonly #segments: Segment[];
  #nextNumber: number;
  #current: { readonly segment: Segment; readonly file: FileHandle } | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** What a process before this one left, to be read: it counts as `bytes` when it is. */
  readonly bytesToRead: number;

  private constructor(directory: string, numbers: readonly number[], bytesToRead: number) {
    this.#directory = directory;
    this.#segments = numbers.map((number) => ({
      ...newSegment(segmentPath(directory, number)),
      endSeq: Number.POSITIVE_INFINITY,
    }));
    this.#nextNumber = (numbers.at(-1) ?? 0) + 1;
    this.bytesToRead = bytesToRead;
  }

  /** @throws Error of the file system */
  static async open(directory: string): Promise<Journal> {
    const numbers = (await readdir(directory))
      .flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .toSorted((a, b) => a - b);
    let bytes = 0;
    for (const number of numbers) bytes += (await lstat(segmentPath(directory, number))).size;
    return new Journal(directory, numbers, bytes);
  }

  /** All rows of what was read or written are below. */
  get endSeq(): number {
    return Math.max(0, ...this.#segments.map(({ endSeq }) => endSeq));
  }

  /** Whether there is no segment, not even an empty one. */
  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  /** Of all segments that were read or written. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * The records that have rows from `fromSeq` on, oldest first. Nothing may be appended meanwhile.
   * @param onDamage told of what cannot be read and may have been acknowledged
   * @throws Error of the file system
   */
  async *read(fromSeq: number, onDamage: (damage: Damage) => void): AsyncGenerator<JournalRecord, void> {
    let end = fromSeq;
    let torn: Segment | undefined;
    for (const segment of [...this.#segments]) {
      const content = await readFile(segment.path);
      const { records, isDamaged, tail } = findRecords(content);
      let lostRows = 0;
      segment.bytes = content.byteLength;
      segment.endSeq = 0;
      for (const { seq, rows } of records) {
        lostRows += Math.max(0, seq - end);
        end = Math.max(end, seq + rows);
        segment.endSeq = end;
      }
      segment.isDamaged = isDamaged || !isTorn(tail) || content.byteLength === 0;
      // A torn record was being written, and nobody was told that it is stored; unless there were others behind it.
      const damaged = segment.isDamaged ? segment : lostRows > 0 ? torn : undefined;
      if (damaged !== undefined) {
        damaged.isDamaged = true;
        onDamage({ path: damagedName(damaged.path), lostRows });
      }
      torn = tail.byteLength > 0 ? segment : undefined;
      for (const record of records) if (record.seq + record.rows > fromSeq) yield record;
    }
  }

  /** Resolves when the records are on disk. @throws Error of the file system; nothing of it is read again then */
  append(records: readonly JournalRecord[]): Promise<void> {
    return this.#alone(async () => {
      const { segment, file } = await this.#writable();
      try {
        const bytes = await writeAll(file, segment.bytes, records.flatMap(encodeRecord));
        // What is written to a file without a name is gone with the process.
        if ((await file.stat()).nlink === 0) throw new StoreGoneError(segment.path);
        segment.bytes += bytes;
        for (const { seq, rows } of records) segment.endSeq = Math.max(segment.endSeq, seq + rows);
      } catch (error) {
        // What a failed sync leaves of a file is unknown: this one is not written to again.
        this.#current = undefined;
        await file.truncate(segment.bytes).catch(() => {});
        await file.close().catch(() => {});
        // With nothing in it: on a full disk there would be one more with every try.
        if (segment.endSeq === 0) await this.#remove(segment).catch(() => {});
        throw error;
      }
    });
  }

  /** Removes the segments that have no row from `seq` on: the database has them, on disk. */
  forget(seq: number): Promise<void> {
    return this.#alone(async () => {
      await this.#endSegment();
      for (const segment of this.#segments.filter(({ endSeq }) => endSeq <= seq)) {
        // A damaged one stays, for whoever wants to look, under a name that no segment has.
        if (segment.isDamaged) await rename(segment.path, damagedName(segment.path));
        await this.#remove(segment);
      }
    });
  }

  /**
   * Puts a record aside that the database cannot take. Resolves with the path of the file that has it; when that file is
   * full, it has the ones before. @throws Error of the file system
   */
  async reject(record: JournalRecord): Promise<string> {
    const path = join(this.#directory, REJECTED_NAME);
    const file = await open(path, 'a', 0o600);
    try {
      const { size } = await file.stat();
      if (size < SEGMENT_BYTES) await writeAll(file, size, encodeRecord(record));
    } finally {
      await file.close();
    }
    return path;
  }

  /** Whether a record was put aside before. */
  async rejected(): Promise<(record: JournalRecord) => boolean> {
    const bytes = await readFile(join(this.#directory, REJECTED_NAME)).catch(() => Buffer.alloc(0));
    const known = new Set(findRecords(bytes).records.map(({ seq, received }) => `${seq} ${received}`));
    return ({ seq, received }) => known.has(`${seq} ${received}`);
  }

  close(): Promise<void> {
    return this.#alone(() => this.#endSegment());
  }

  async #writable() {
    if (this.#current !== undefined && this.#current.segment.bytes >= SEGMENT_BYTES) await this.#endSegment();
    if (this.#current === undefined) {
      // Another one after a failure: what is left of a segment that was not made is in the way of none.
      const segment = newSegment(segmentPath(this.#directory, this.#nextNumber++));
      this.#current = { segment, file: await createSegment(segment.path) };
      this.#segments.push(segment);
    }
    return this.#current;
  }

  async #remove(segment: Segment): Promise<void> {
    await rm(segment.path, { force: true });
    this.#segments.splice(this.#segments.indexOf(segment), 1);
  }

  async #endSegment(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.file.close();
  }

  #alone<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(task);
    this.#last = done.catch(() => {});
    return done;
  }
}

function segmentPath(directory: string, number: number): string {
  return join(directory, `explorer-${String(number).padStart(12, '0')}.journal`);
}

function newSegment(path: string): Segment {
  return { path, bytes: 0, isDamaged: false, endSeq: 0 };
}

function damagedName(path: string): string {
  return `${path}.damaged`;
}

/** Makes a segment, for its owner alone; its name is on disk when this resolves. @throws Error of the file system */
async function createSegment(path: string): Promise<FileHandle> {
  const file = await open(path, 'wx', 0o600);
  try {
    const parent = await open(join(path, '..'), 'r');
    await parent.sync().finally(() => parent.close());
    return file;
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw error;
  }
}

async function writeAll(file: FileHandle, position: number, buffers: Uint8Array[]): Promise<number> {
  const total = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
  let rest = buffers;
  for (let written = 0; written < total; ) {
    const { bytesWritten } = await file.writev(rest, position + written);
    written += bytesWritten;
    // A full disk, or a limit of the system, takes a part.
    if (written < total) rest = [Buffer.concat(rest).subarray(bytesWritten)];
  }
  await file.datasync();
  return total;
}
