import type { FileHandle } from 'node:fs/promises';
import { appendFile, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Signal } from '../rows/request.ts';
import { StoreOpenError } from '../store-error.ts';

/**
 * Length of a segment. A segment's file has this length from the beginning, with zeros that take no room on the disk.
 * A shorter file was cut. A larger batch has a longer segment to itself.
 */
const SEGMENT_BYTES = 8 * 1024 * 1024;
/** Segments are numbered in their order. */
const SEGMENT_NAME = /^explorer-(\d{12})\.journal$/u;
/** A segment that does not have its whole length yet. */
const BEGUN_NAME = 'next.journal';
/** Records that DuckDB refused. */
const REJECTED_NAME = 'rejected.journal';

/** A record begins with the mark. Its last byte is the version of the format, two bits from any other version. */
const MARK = Buffer.from('TJR7', 'latin1');
const ANY_VERSION = MARK.subarray(0, 3);
/** mark, checksum, signal, length of the dataset's name (16 bits), length of the body, rows; 64 bits each: seq, received */
const HEADER_BYTES = 36;
const CHECKED_FROM = 8;
const SIGNALS: readonly Signal[] = ['traces', 'logs'];

/** One request, or a part of one, in the journal. */
export interface JournalRecord {
  readonly signal: Signal;
  /** `_seq` of its first row. */
  readonly seq: number;
  /** How many rows the request becomes. */
  readonly rows: number;
  /** When the request came, milliseconds since the epoch. */
  readonly received: number;
  readonly dataset?: string | undefined;
  /** OTLP protobuf, or gzip of OTLP protobuf. */
  readonly body: Uint8Array;
}

interface Segment {
  readonly path: string;
  bytes: number;
  /** All rows of the segment are below, also rows that are being written. Infinity before the segment was read. */
  endSeq: number;
}

/**
 * The acknowledged requests that are not yet in the database's file. Records are in the order of their `seq`, without a gap.
 * A segment is removed when the database has all of it. One operation at a time: callers wait for it.
 */
export class Journal {
  readonly #directory: string;
  /** Oldest first. */
  readonly #segments: Segment[];
  #nextNumber: number;
  #current: { readonly segment: Segment; readonly file: FileHandle } | undefined;

  private constructor(directory: string, segments: Segment[], nextNumber: number) {
    this.#directory = directory;
    this.#segments = segments;
    this.#nextNumber = nextNumber;
  }

  /** Opens the journal with the segments that are there. @throws Error of the file system */
  static async open(directory: string): Promise<Journal> {
    const segments: Segment[] = [];
    let last = 0;
    for (const name of (await readdir(directory)).toSorted()) {
      const [, number] = SEGMENT_NAME.exec(name) ?? [];
      if (number === undefined) continue;
      last = Number(number);
      const path = join(directory, name);
      // The room on the disk. The bytes of the records are known when the file was read.
      const bytes = (await stat(path)).blocks * 512;
      segments.push({ path, bytes, endSeq: Number.POSITIVE_INFINITY });
    }
    return new Journal(directory, segments, last + 1);
  }

  /** All rows of the records that were read or written are below. */
  get endSeq(): number {
    return Math.max(0, ...this.#segments.map(({ endSeq }) => endSeq));
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * The records that have rows from `fromSeq` on, oldest first. Nothing may be appended meanwhile.
   * @param onLoss called with a segment, and its lost rows: 0 where rows at its end may be lost
   * @throws StoreOpenError for a file that is not a journal of this version, Error of the file system
   */
  async *read(
    fromSeq: number,
    onLoss: (path: string, rows: number) => void,
  ): AsyncGenerator<JournalRecord, void> {
    let end = fromSeq;
    /** A segment with an unreadable end, until the next segment shows whether rows are lost. */
    let doubtful: string | undefined;
    for (const segment of [...this.#segments]) {
      const { path } = segment;
      const bytes = await readFile(path);
      const { records, tail } = findRecords(bytes);
      segment.bytes = bytes.byteLength - tail.byteLength;
      if (records.length === 0 && !isTorn(tail))
        throw new StoreOpenError(
          tail.subarray(0, ANY_VERSION.byteLength).equals(ANY_VERSION)
            ? `${path} is a journal that another version of the explorer wrote: start that version once more, and stop it, so that it stores the spans. Else remove the file (its spans are lost), or set another DATA_DIR`
            : `${path} is damaged: remove the file (its spans are lost), or set another DATA_DIR`,
        );
      let lostRows = 0;
      const pass = ({ seq, rows }: Pick<JournalRecord, 'seq' | 'rows'>, isRead: boolean) => {
        lostRows += Math.max(0, (isRead ? seq : seq + rows) - end);
        end = Math.max(end, seq + rows);
      };
      for (const record of records) pass(record, true);
      segment.endSeq = records.length === 0 ? 0 : end;
      // The header of a cut record still says which rows the record had. A torn record was never acknowledged.
      const isCut = bytes.byteLength < SEGMENT_BYTES;
      if (isCut && tail.byteLength >= HEADER_BYTES) pass(readHeader(tail), false);
      if (lostRows > 0) onLoss(doubtful ?? path, lostRows);
      if (records.length > 0 || lostRows > 0) doubtful = undefined;
      if (lostRows === 0 && (isCut || !isTorn(tail))) doubtful = path;
      for (const record of records) if (record.seq + record.rows > fromSeq) yield record;
    }
    if (doubtful !== undefined) onLoss(doubtful, 0);
  }

  /** Resolves when the records are on disk. @throws Error of the file system: no record of them is read again */
  async append(records: readonly JournalRecord[]): Promise<void> {
    const endSeq = Math.max(...records.map(({ seq, rows }) => seq + rows));
    // At once: `forget` leaves the segment alone while it is being written.
    if (this.#current !== undefined) this.#current.segment.endSeq = endSeq;
    const bytes = Buffer.concat(records.flatMap(encodeRecord));
    const { segment, file } = await this.#writable(bytes.byteLength, endSeq);
    try {
      // Writing goes on where the last batch ends: the file is not open for appending.
      await file.writeFile(bytes);
      await file.datasync();
      if ((await file.stat()).nlink === 0)
        throw new Error(`${segment.path} is gone: somebody removed it while the explorer ran`);
      segment.bytes += bytes.byteLength;
    } catch (error) {
      // After a failed sync the content of the file is unknown: the next record goes to another file.
      this.#current = undefined;
      await file.truncate(segment.bytes).catch(() => {});
      await file.truncate(Math.max(segment.bytes, SEGMENT_BYTES)).catch(() => {});
      await file.close().catch(() => {});
      // On a full disk each try would leave an empty file.
      if (segment.bytes === 0) await this.#remove(segment).catch(() => {});
      throw error;
    }
  }

  /** Removes the segments that have no row from `seq` on: the database has these rows on disk. */
  async forget(seq: number): Promise<void> {
    const current = this.#current?.segment;
    if (current !== undefined && current.endSeq <= seq) await this.close();
    for (const segment of this.#segments.filter(({ endSeq }) => endSeq <= seq))
      if (segment !== this.#current?.segment) await this.#remove(segment);
  }

  /**
   * Adds a record that DuckDB refuses to `rejected.journal`, unless that file is full.
   * @returns the path of that file @throws Error of the file system
   */
  async reject(record: JournalRecord): Promise<string> {
    const path = join(this.#directory, REJECTED_NAME);
    const { size } = await stat(path).catch(() => ({ size: 0 }));
    if (size < SEGMENT_BYTES)
      await appendFile(path, Buffer.concat(encodeRecord(record)), { mode: 0o600, flush: true });
    return path;
  }

  /** Ends the current segment. The next record begins another one. */
  async close(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.file.close();
  }

  /** A segment with room for `bytes` more bytes. @param endSeq of a new segment */
  async #writable(bytes: number, endSeq: number) {
    const { segment: last } = this.#current ?? {};
    if (last !== undefined && last.bytes > 0 && last.bytes + bytes > SEGMENT_BYTES) await this.close();
    if (this.#current === undefined) {
      const name = `explorer-${String(this.#nextNumber++).padStart(12, '0')}.journal`;
      const segment = { path: join(this.#directory, name), bytes: 0, endSeq };
      this.#current = { segment, file: await createSegment(segment.path) };
      this.#segments.push(segment);
    }
    return this.#current;
  }

  async #remove(segment: Segment): Promise<void> {
    await rm(segment.path, { force: true });
    this.#segments.splice(this.#segments.indexOf(segment), 1);
  }
}

/** Makes a segment that only the owner can read. Resolves when its name is on disk. @throws Error of the file system */
async function createSegment(path: string): Promise<FileHandle> {
  const begun = join(path, '..', BEGUN_NAME);
  const file = await open(begun, 'w', 0o600);
  try {
    await file.truncate(SEGMENT_BYTES);
    await rename(begun, path);
    const parent = await open(join(path, '..'), 'r');
    await parent.sync().finally(() => parent.close());
    return file;
  } catch (error) {
    await file.close();
    for (const made of [begun, path]) await rm(made, { force: true });
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

export interface FoundRecords {
  /** In order. Their bodies are views on the segment's bytes. */
  readonly records: readonly JournalRecord[];
  /** Bytes after the last record: a record that was being written when the process ended, or damage. */
  readonly tail: Buffer;
}

/** Reads the whole records. After a damaged record the reading goes on at the next mark. */
export function findRecords(bytes: Buffer): FoundRecords {
  const records: JournalRecord[] = [];
  let end = 0;
  for (let at = 0; at >= 0; ) {
    const found = recordAt(bytes, at);
    if (found === undefined) {
      at = bytes.indexOf(MARK, at + 1);
      continue;
    }
    records.push(found.record);
    at = found.end;
    end = at;
  }
  return { records, tail: bytes.subarray(end) };
}

/** Whether bytes can be the beginning of a record, or zeros, which a power cut leaves. */
export function isTorn(bytes: Buffer): boolean {
  const start = bytes.subarray(0, MARK.byteLength);
  return bytes[0] === 0 || MARK.subarray(0, start.byteLength).equals(start);
}

/** The record that begins at a byte, and the byte after it. */
function recordAt(bytes: Buffer, at: number) {
  const from = at + HEADER_BYTES;
  const header = bytes.subarray(at, from);
  if (from > bytes.byteLength || !header.subarray(0, MARK.byteLength).equals(MARK)) return undefined;
  const signal = SIGNALS[header.readUInt8(8)];
  const bodyFrom = from + header.readUInt16LE(10);
  const end = bodyFrom + header.readUInt32LE(12);
  if (signal === undefined || end > bytes.byteLength) return undefined;
  const name = bytes.subarray(from, bodyFrom);
  const body = bytes.subarray(bodyFrom, end);
  if (header.readUInt32LE(4) !== checksum(header, name, body)) return undefined;
  const dataset = name.byteLength > 0 ? name.toString() : undefined;
  const record: JournalRecord = { signal, ...readHeader(header), ...(dataset && { dataset }), body };
  return { record, end };
}

function readHeader(header: Buffer) {
  return {
    rows: header.readUInt32LE(16),
    seq: Number(header.readBigUInt64LE(20)),
    received: Number(header.readBigUInt64LE(28)),
  };
}

function checksum(header: Buffer, name: Uint8Array, body: Uint8Array): number {
  return crc32(body, crc32(name, crc32(header.subarray(CHECKED_FROM))));
}
