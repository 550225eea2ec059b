import type { FileHandle } from 'node:fs/promises';
import { appendFile, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { folderGone, StoreOpenError } from '../store-error.ts';
import { Acknowledged } from './acknowledged.ts';
import { assertThere, identityOf } from './identity.ts';
import type { JournalRecord, Rows } from './record.ts';
import { encodeRecord } from './record.ts';
import type { SegmentLoss, SegmentScan } from './segment-scan.ts';
import { endOf, lossesOf, SEGMENT_BYTES, scanSegment } from './segment-scan.ts';

export type { JournalRecord } from './record.ts';
export { encodeRecord, findRecords } from './record.ts';

/** Segments are numbered in their order. */
const SEGMENT_NAME = /^explorer-(\d{12})\.journal$/u;
/** A segment that does not have its whole length yet. */
const BEGUN_NAME = 'next.journal';
/** Records that DuckDB refused. */
const REJECTED_NAME = 'rejected.journal';
/** Damaged segments, which a person may want to look at; and their bytes on the disk at most, without the oldest. */
const DAMAGED_NAME = /^damaged-\d{12}\.journal$/u;
const MAX_DAMAGED_BYTES = 64 * 1024 * 1024;

interface Segment {
  readonly path: string;
  bytes: number;
  /** All rows of the segment are below, also rows that are being written. Infinity before the segment was read. */
  endSeq: number;
  isDamaged?: boolean;
}

/** What a segment has lost. */
export interface JournalLoss extends Omit<SegmentLoss, 'at'> {
  /** The file, or the folder where all files are gone. */
  readonly path: string;
  readonly areFilesGone: boolean;
  /** Where the damaged segment will be, when the database has its other records. */
  readonly keptAs?: string | undefined;
}

/**
 * The acknowledged requests that are not yet in the database's file. Records are in the order of their `seq`, without a gap.
 * A segment is removed when the database has all of it. One operation at a time: callers wait for it.
 */
export class Journal {
  readonly #directory: string;
  readonly #identity: string;
  readonly #acknowledged: Acknowledged;
  /** Up to where senders had an answer when the journal was opened: a checkpoint may come before it is read. */
  #acknowledgedEnd = 0;
  readonly #segmentBytes: number;
  /** Oldest first. */
  readonly #segments: Segment[];
  #nextNumber: number;
  #current: { readonly segment: Segment; readonly file: FileHandle; readonly identity: string } | undefined;

  private constructor(
    directory: string,
    segmentBytes: number,
    identity: string,
    segments: Segment[],
    nextNumber: number,
  ) {
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
    this.#identity = identity;
    this.#acknowledged = new Acknowledged(directory);
    this.#segments = segments;
    this.#nextNumber = nextNumber;
  }

  /**
   * Opens the journal with the segments that are there.
   * @param segmentBytes length of a new segment; one with a larger record is longer
   * @throws Error of the file system
   */
  static async open(directory: string, segmentBytes = SEGMENT_BYTES): Promise<Journal> {
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
    const journal = new Journal(directory, segmentBytes, await identityOf(directory), segments, last + 1);
    journal.#acknowledgedEnd = await journal.#acknowledged.read();
    return journal;
  }

  /** All rows of the records that were read or written are below. */
  get endSeq(): number {
    return Math.max(0, ...this.#segments.map(({ endSeq }) => endSeq));
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * The records that have rows from `fromSeq` on, oldest first and each once, though a file may have one twice, and then what is lost.
   * Nothing may be appended meanwhile.
   * @throws StoreOpenError for a file that is not a journal of this version, Error of the file system
   */
  async *read(fromSeq: number, onLoss: (loss: JournalLoss) => void): AsyncGenerator<JournalRecord, void> {
    const segments = [...this.#segments];
    /** Without the records' bytes, which would be too many. */
    const scans: SegmentScan<Rows>[] = [];
    let end = fromSeq;
    let readEnd = 0;
    for (const segment of segments) {
      const { path } = segment;
      const { records, lost, hasBadEnd, wholeBytes, isDamaged, ...unreadable } = scanSegment(
        await readFile(path),
        this.#segmentBytes,
      );
      if (unreadable.isUnknown)
        throw new StoreOpenError(
          unreadable.isOfOtherVersion
            ? `${path} is a journal that another version of the explorer wrote: start that version once more, and stop it, so that it stores the spans. Else remove the file (its spans are lost), or set another DATA_DIR`
            : `${path} is damaged: remove the file (its spans are lost), or set another DATA_DIR`,
        );
      end = records.reduce((all, record) => endOf(record, all), end);
      Object.assign(segment, { bytes: wholeBytes, isDamaged, endSeq: records.length === 0 ? 0 : end });
      end = lost.reduce((all, record) => endOf(record, all), end);
      scans.push({ records: records.map(({ seq, rows }) => ({ seq, rows })), lost, hasBadEnd });
      for (const record of records) {
        if (record.seq + record.rows > fromSeq && record.seq >= readEnd) yield record;
        readEnd = endOf(record, readEnd);
      }
    }
    for (const { at, ...loss } of lossesOf(scans, fromSeq, this.#acknowledgedEnd)) {
      const { path = this.#directory, isDamaged } = segments[at] ?? {};
      const keptAs = isDamaged ? damagedPath(path) : undefined;
      onLoss({ ...loss, path, areFilesGone: segments[at] === undefined, keptAs });
    }
    // No file is forgotten, and with it the end.
    if (segments.length === 0) await this.#acknowledged.clear();
  }

  /** Resolves when the records are on disk. @throws Error of the file system: no record of them is read again */
  async append(records: readonly JournalRecord[]): Promise<void> {
    const endSeq = Math.max(...records.map(({ seq, rows }) => seq + rows));
    // At once: `forget` leaves the segment alone while it is being written.
    if (this.#current !== undefined) this.#current.segment.endSeq = endSeq;
    const bytes = Buffer.concat(records.flatMap(encodeRecord));
    const { segment, file, identity } = await this.#writable(bytes.byteLength, endSeq);
    try {
      // Writing goes on where the last batch ends: the file is not open for appending.
      await file.writeFile(bytes);
      await file.datasync();
      await assertThere(segment.path, identity);
      segment.bytes += bytes.byteLength;
      await this.#acknowledged.write(endSeq);
    } catch (error) {
      // After a failed sync the content of the file is unknown: the next record goes to another file.
      this.#current = undefined;
      await file.truncate(segment.bytes).catch(() => {});
      await file.truncate(Math.max(segment.bytes, this.#segmentBytes)).catch(() => {});
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
    if (this.#segments.length === 0) await this.#acknowledged.clear();
  }

  /**
   * Adds a record that DuckDB refuses to `rejected.journal`, unless that file is full.
   * @returns the path of that file @throws Error of the file system
   */
  async reject(record: JournalRecord): Promise<string> {
    const path = join(this.#directory, REJECTED_NAME);
    const { size } = await stat(path).catch(() => ({ size: 0 }));
    if (size < this.#segmentBytes)
      await appendFile(path, Buffer.concat(encodeRecord(record)), { mode: 0o600, flush: true });
    return path;
  }

  /** Removes the damaged segments and the refused records that are kept for a person. @throws Error of the file system */
  async removeKept(): Promise<void> {
    for (const name of await readdir(this.#directory))
      if (name === REJECTED_NAME || DAMAGED_NAME.test(name))
        await rm(join(this.#directory, name), { force: true });
  }

  /** Ends the current segment. The next record begins another one. */
  async close(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.file.close();
    await this.#acknowledged.close();
  }

  /** A segment with room for `bytes` more bytes. @param endSeq of a new segment */
  async #writable(bytes: number, endSeq: number) {
    const { segment: last } = this.#current ?? {};
    if (last !== undefined && last.bytes > 0 && last.bytes + bytes > this.#segmentBytes) await this.close();
    if (this.#current === undefined) {
      // Another explorer may have begun a store of its own under the same name, and reads no file of this one.
      if ((await identityOf(this.#directory)) !== this.#identity) throw folderGone(this.#directory);
      const name = `explorer-${String(this.#nextNumber++).padStart(12, '0')}.journal`;
      const segment = { path: join(this.#directory, name), bytes: 0, endSeq };
      const file = await createSegment(segment.path, this.#segmentBytes);
      this.#current = { segment, file, identity: await identityOf(segment.path) };
      this.#segments.push(segment);
    }
    return this.#current;
  }

  /** Removes a segment, or puts a damaged one aside. */
  async #remove(segment: Segment): Promise<void> {
    const { path, isDamaged } = segment;
    await (isDamaged ? putAside(path) : rm(path, { force: true }));
    this.#segments.splice(this.#segments.indexOf(segment), 1);
  }
}

/** Where a damaged segment is kept. */
function damagedPath(path: string): string {
  return join(path, '..', basename(path).replace('explorer', 'damaged'));
}

/** Keeps a damaged segment, and removes the oldest that were kept if they take too much room. */
async function putAside(path: string): Promise<void> {
  await rename(path, damagedPath(path)).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
  });
  const directory = join(path, '..');
  const names = (await readdir(directory)).filter((name) => DAMAGED_NAME.test(name));
  let bytes = 0;
  for (const name of names.toSorted().toReversed()) {
    const kept = join(directory, name);
    bytes += (await stat(kept)).blocks * 512;
    if (bytes > MAX_DAMAGED_BYTES) await rm(kept, { force: true });
  }
}

/** Makes a segment that only the owner can read. Resolves when its name is on disk. @throws Error of the file system */
async function createSegment(path: string, bytes: number): Promise<FileHandle> {
  const begun = join(path, '..', BEGUN_NAME);
  const file = await open(begun, 'w', 0o600);
  try {
    await file.truncate(bytes);
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
