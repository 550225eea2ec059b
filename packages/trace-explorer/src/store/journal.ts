import type { FileHandle } from 'node:fs/promises';
import { appendFile, lstat, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Signal } from './export-request.ts';

/** Past so many bytes a new segment is begun: a segment is read as a whole. */
const SEGMENT_BYTES = 32 * 1024 * 1024;
/** Segments are numbered in the order in which they were begun. */
const SEGMENT_NAME = /^explorer-(\d{12})\.journal$/u;
/** Records that DuckDB refused. */
const REJECTED_NAME = 'rejected.journal';

/** What a record begins with; its last byte is the format. The search for the next record looks for it after a damaged one. */
const MARK = Buffer.from('TJR4', 'latin1');
/** mark, checksum, signal, length of the dataset's name (16 bits), length of the body, rows; 64 bits each: seq, received */
const HEADER_BYTES = 36;
const CHECKED_FROM = 8;
const SIGNALS: readonly Signal[] = ['traces', 'logs'];

/** One request, or a part of one, in the journal. */
export interface JournalRecord {
  readonly signal: Signal;
  /** `_seq` of its first row. */
  readonly seq: number;
  /** How many rows it becomes. */
  readonly rows: number;
  /** When it came, milliseconds since the epoch. */
  readonly received: number;
  /** The dataset that its sender named, if any: see ExportRequest. */
  readonly dataset?: string | undefined;
  /** In OTLP protobuf, or gzip of it. */
  readonly body: Uint8Array;
}

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

  private constructor(directory: string, segments: Segment[], nextNumber: number) {
    this.#directory = directory;
    this.#segments = segments;
    this.#nextNumber = nextNumber;
  }

  /** With the segments that a process before this one left. @throws Error of the file system */
  static async open(directory: string): Promise<Journal> {
    const segments: Segment[] = [];
    let last = 0;
    for (const name of (await readdir(directory)).toSorted()) {
      const [, number] = SEGMENT_NAME.exec(name) ?? [];
      if (number === undefined) continue;
      last = Number(number);
      const path = join(directory, name);
      const { size } = await lstat(path);
      segments.push({ path, bytes: size, isDamaged: false, endSeq: Number.POSITIVE_INFINITY });
    }
    return new Journal(directory, segments, last + 1);
  }

  /** All rows of what was read or written are below. */
  get endSeq(): number {
    return Math.max(0, ...this.#segments.map(({ endSeq }) => endSeq));
  }

  /** Whether there is no segment, not even an empty one. */
  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

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
        const bytes = Buffer.concat(records.flatMap(encodeRecord));
        await file.appendFile(bytes);
        await file.datasync();
        // What is written to a file without a name is gone with the process.
        if ((await file.stat()).nlink === 0)
          throw new Error(`${segment.path} was removed while the explorer was running`);
        segment.bytes += bytes.byteLength;
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
    const { size } = await stat(path).catch(() => ({ size: 0 }));
    if (size < SEGMENT_BYTES)
      await appendFile(path, Buffer.concat(encodeRecord(record)), { mode: 0o600, flush: true });
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
      const name = `explorer-${String(this.#nextNumber++).padStart(12, '0')}.journal`;
      const segment = { path: join(this.#directory, name), bytes: 0, isDamaged: false, endSeq: 0 };
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

function damagedName(path: string): string {
  return `${path}.damaged`;
}

/** Makes a segment, for its owner alone; its name is on disk when this resolves. @throws Error of the file system */
async function createSegment(path: string): Promise<FileHandle> {
  const file = await open(path, 'ax', 0o600);
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

/** The bytes of a record, to be written one after the other. */
export function encodeRecord({ signal, seq, rows, received, dataset, body }: JournalRecord): Uint8Array[] {
  const name = Buffer.from(dataset ?? '');
  const header = Buffer.alloc(HEADER_BYTES);
  MARK.copy(header);
  header.writeUInt8(SIGNALS.indexOf(signal), 8);
  header.writeUInt16LE(name.byteLength, 10);
  header.writeUInt32LE(body.byteLength, 12);
  header.writeUInt32LE(rows, 16);
  header.writeBigUInt64LE(BigInt(seq), 20);
  header.writeBigUInt64LE(BigInt(received), 28);
  header.writeUInt32LE(checksum(header, name, body), 4);
  return [header, name, body];
}

/** What is in a file of records. */
export interface FoundRecords {
  /** In order; their bodies are views on the file's bytes. */
  readonly records: readonly JournalRecord[];
  /** Whether there is something else before the last record. */
  readonly isDamaged: boolean;
  /** Bytes after the last record: of a record that was being written when the process ended, or damaged. */
  readonly tail: Buffer;
}

/** Reads the records that are whole, and goes on behind damaged ones. */
export function findRecords(bytes: Buffer): FoundRecords {
  const records: JournalRecord[] = [];
  let isDamaged = false;
  let end = 0;
  for (let at = 0; at >= 0; ) {
    const found = recordAt(bytes, at);
    if (found === undefined) {
      at = bytes.indexOf(MARK, at + 1);
      continue;
    }
    isDamaged ||= at > end;
    records.push(found.record);
    at = found.end;
    end = at;
  }
  return { records, isDamaged, tail: bytes.subarray(end) };
}

/** Whether bytes can be the beginning of a record, or what a power cut leaves of one: zeros. */
export function isTorn(bytes: Buffer): boolean {
  const start = bytes.subarray(0, MARK.byteLength);
  return bytes[0] === 0 || start.equals(MARK.subarray(0, start.byteLength));
}

/** The record that begins at a byte, and the byte after it. */
function recordAt(bytes: Buffer, at: number) {
  const from = at + HEADER_BYTES;
  if (from > bytes.byteLength || !MARK.equals(bytes.subarray(at, at + MARK.byteLength))) return undefined;
  const header = bytes.subarray(at, from);
  const signal = SIGNALS[header.readUInt8(8)];
  const bodyFrom = from + header.readUInt16LE(10);
  const end = bodyFrom + header.readUInt32LE(12);
  if (signal === undefined || end > bytes.byteLength) return undefined;
  const name = bytes.subarray(from, bodyFrom);
  const body = bytes.subarray(bodyFrom, end);
  if (header.readUInt32LE(4) !== checksum(header, name, body)) return undefined;
  const record: JournalRecord = {
    signal,
    rows: header.readUInt32LE(16),
    seq: Number(header.readBigUInt64LE(20)),
    received: Number(header.readBigUInt64LE(28)),
    ...(name.byteLength > 0 && { dataset: name.toString() }),
    body,
  };
  return { record, end };
}

function checksum(header: Buffer, name: Uint8Array, body: Uint8Array): number {
  return crc32(body, crc32(name, crc32(header.subarray(CHECKED_FROM))));
}
