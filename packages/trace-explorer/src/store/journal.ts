import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreGoneError, StoreOpenError } from './errors.ts';
import type { Signal } from './export-request.ts';
import type { FoundRecords, JournalRecord } from './journal-record.ts';
import { encodeRecord, findRecords } from './journal-record.ts';

/** Past so many bytes a new segment is begun: a segment is read as a whole. */
const SEGMENT_BYTES = 32 * 1024 * 1024;
/** Segments are numbered in the order in which they were begun. */
const SEGMENT_NAME = /^explorer-(\d{12})\.journal$/u;
/** Records that DuckDB refused, with the header of a segment. */
const REJECTED_NAME = 'rejected.journal';
const MAGIC = Buffer.from('TandemJ\n', 'latin1');
const VERSION = 3;
/** magic, version, salt */
const HEADER_BYTES = 16;

interface Segment {
  readonly path: string;
  bytes: number;
  /** The same with all bodies unpacked. */
  unpackedBytes: number;
  isDamaged: boolean;
  /** All rows of its records are below; Infinity until it was read. */
  endSeq: number;
}

/** Where the journal could not be read. */
export interface Damage {
  /** Where the segment is once the database has the rest of it. */
  readonly path: string;
  /** Places at which one or more records are missing. */
  readonly places: number;
  /** Rows of records that are still there and cannot be checked; at least so many are lost. */
  readonly lost: Readonly<Record<Signal, number>>;
}

/**
 * What was acknowledged and is not yet in the database's file, in files beside it. Records are written in the order of
 * their `seq`; a segment is removed as soon as the database has all that is in it. Only one operation runs at a time.
 */
export class Journal {
  readonly #directory: string;
  /** In the order in which they were begun. */
  readonly #segments: Segment[];
  #nextNumber: number;
  #current: { readonly segment: Segment; readonly file: FileHandle; readonly salt: number } | undefined;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, segments: Segment[], nextNumber: number) {
    this.#directory = directory;
    this.#segments = segments;
    this.#nextNumber = nextNumber;
  }

  /** @throws Error of the file system */
  static async open(directory: string): Promise<Journal> {
    const numbers = (await readdir(directory))
      .flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .toSorted((a, b) => a - b);
    const segments = numbers.map((number) => newSegment(segmentPath(directory, number)));
    return new Journal(directory, segments, (numbers.at(-1) ?? 0) + 1);
  }

  /** Bytes of what a process before this one left, to be read. */
  async bytesToRead(): Promise<number> {
    const sizes = await Promise.all(this.#segments.map(async ({ path }) => (await lstat(path)).size));
    return sizes.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** All rows of what was read or written are below. */
  get endSeq(): number {
    return Math.max(0, ...this.#segments.map(({ endSeq }) => endSeq));
  }

  /** Whether there is no segment, not even an empty one. */
  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  /** Of all segments, on disk. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The same with all bodies unpacked: what is written to the database depends on these. */
  get unpackedBytes(): number {
    return this.#segments.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0);
  }

  /**
   * The records that have rows from `fromSeq` on, oldest first. Nothing may be appended meanwhile.
   * @param onDamage told of what cannot be read and may have been acknowledged
   * @throws StoreOpenError, or the file system's error
   */
  async *read(fromSeq: number, onDamage: (damage: Damage) => void): AsyncGenerator<JournalRecord, void> {
    for (const segment of [...this.#segments]) {
      const { records, damaged, tailBytes, bytes, unchecked } = await readSegment(segment.path);
      segment.bytes = bytes;
      segment.unpackedBytes = bytes + savedBy(records);
      segment.endSeq = records.reduce((end, { seq, rows }) => Math.max(end, seq + rows), 0);
      // What the last segment ends with was being written, and nobody was told that it is stored.
      const places = damaged + (tailBytes > 0 && segment !== this.#segments.at(-1) ? 1 : 0);
      if (places > 0) {
        segment.isDamaged = true;
        onDamage({ path: damagedName(segment.path), places, lost: rowsFrom(fromSeq, unchecked) });
      }
      for (const record of records) if (record.seq + record.rows > fromSeq) yield record;
    }
  }

  /** Resolves when the records are on disk. @throws Error of the file system; nothing of it is read again then */
  append(records: readonly JournalRecord[]): Promise<void> {
    return this.#alone(async () => {
      const { segment, file, salt } = await this.#writable();
      const buffers = records.flatMap((record) => encodeRecord(record, salt));
      try {
        const bytes = await writeAll(file, segment.bytes, buffers);
        // What is written to a file without a name is gone with the process.
        if ((await file.stat()).nlink === 0) throw new StoreGoneError(segment.path);
        segment.bytes += bytes;
        segment.unpackedBytes += bytes + savedBy(records);
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
    const rejected = await readSegment(path).catch(() => undefined);
    const file = await (rejected === undefined ? createSegment(path, 'w') : openSegment(path));
    try {
      const at = rejected?.bytes ?? HEADER_BYTES;
      if (at < SEGMENT_BYTES) await writeAll(file.file, at, [...encodeRecord(record, file.salt)]);
    } finally {
      await file.file.close();
    }
    return path;
  }

  /** Whether a record was put aside before. */
  async rejected(): Promise<(record: JournalRecord) => boolean> {
    const segment = await readSegment(join(this.#directory, REJECTED_NAME)).catch(() => undefined);
    const known = new Set(segment?.records.map(({ seq, received }) => `${seq} ${received}`));
    return ({ seq, received }) => known.has(`${seq} ${received}`);
  }

  close(): Promise<void> {
    return this.#alone(() => this.#endSegment());
  }

  async #writable() {
    if (this.#current !== undefined && this.#current.segment.bytes >= SEGMENT_BYTES) await this.#endSegment();
    if (this.#current === undefined) {
      // Another one after a failure: what is left of a segment that was not made is in the way of none.
      const path = segmentPath(this.#directory, this.#nextNumber++);
      const { file, salt } = await createSegment(path, 'wx');
      const segment = { ...newSegment(path), bytes: HEADER_BYTES, unpackedBytes: HEADER_BYTES, endSeq: 0 };
      this.#segments.push(segment);
      this.#current = { segment, file, salt };
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
  return { path, bytes: 0, unpackedBytes: 0, isDamaged: false, endSeq: Number.POSITIVE_INFINITY };
}

/** How many bytes are not written, as bodies are packed. */
function savedBy(records: readonly JournalRecord[]): number {
  let bytes = 0;
  for (const { body } of records)
    if (body.packing !== undefined) bytes += body.packing.unpackedBytes - body.bytes.byteLength;
  return bytes;
}

/** Rows of the records that have some from `seq` on. */
function rowsFrom(fromSeq: number, records: readonly JournalRecord[]): Damage['lost'] {
  const lost = { traces: 0, logs: 0 };
  for (const { signal, seq, rows } of records) if (seq + rows > fromSeq) lost[signal] += rows;
  return lost;
}

function damagedName(path: string): string {
  return `${path}.damaged`;
}

/** Makes a segment, for its owner alone; its name is on disk when this resolves. @throws Error of the file system */
async function createSegment(path: string, flags: 'w' | 'wx') {
  const file = await open(path, flags, 0o600);
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    MAGIC.copy(header);
    const salt = randomBytes(4).readUInt32LE();
    header.writeUInt32LE(VERSION, 8);
    header.writeUInt32LE(salt, 12);
    // A full disk takes some of it, and calls that no error.
    await file.writeFile(header);
    const parent = await open(join(path, '..'), 'r');
    await parent.sync().finally(() => parent.close());
    return { file, salt };
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw error;
  }
}

async function openSegment(path: string) {
  const file = await open(path, 'r+');
  const header = Buffer.alloc(HEADER_BYTES);
  await file.read(header, 0, HEADER_BYTES, 0);
  return { file, salt: header.readUInt32LE(12) };
}

/** What is in a segment. */
interface ReadSegment extends FoundRecords {
  readonly bytes: number;
  /** Records that look whole and cannot be checked, as the segment's header is damaged: they are counted, not stored. */
  readonly unchecked: readonly JournalRecord[];
}

/** Reads a segment. @throws StoreOpenError when it is no file or of another version, or the file system's error */
async function readSegment(path: string): Promise<ReadSegment> {
  const content = await readRegularFile(path);
  const bytes = content.byteLength;
  if (bytes >= HEADER_BYTES) {
    const version = content.readUInt32LE(8);
    const hasMagic = MAGIC.equals(content.subarray(0, MAGIC.byteLength));
    if (hasMagic && version !== VERSION)
      throw new StoreOpenError(
        `${path} was written by another version of the explorer (journal format ${version}, this one reads ${VERSION}): start that version, or set another DATA_DIR`,
      );
    const found = findRecords(content, HEADER_BYTES, content.readUInt32LE(12));
    if (hasMagic) return { ...found, bytes, unchecked: [] };
    // The salt may still be right where the bytes before it are damaged.
    if (found.records.length > 0) return { ...found, damaged: found.damaged + 1, bytes, unchecked: [] };
    // The name reached the disk before a power cut, and the content did not.
    if (content.every((byte) => byte === 0))
      return { records: [], damaged: 0, tailBytes: bytes, bytes, unchecked: [] };
  }
  const unchecked = findRecords(content, 0, undefined).records;
  return { records: [], damaged: 1, tailBytes: 0, bytes, unchecked };
}

/** Neither follows a link nor waits for the other end of a pipe. */
async function readRegularFile(path: string): Promise<Buffer> {
  const notRegular = () =>
    new StoreOpenError(
      `${path} is a link, a pipe or a folder, and the explorer's journal is a file: remove it`,
    );
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      throw error.code === 'ELOOP' ? notRegular() : error;
    },
  );
  try {
    if (!(await file.stat()).isFile()) throw notRegular();
    return await file.readFile();
  } finally {
    await file.close();
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
