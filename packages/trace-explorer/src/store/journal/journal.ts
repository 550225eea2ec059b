import { lstat, rename, rm } from 'node:fs/promises';
import { StoreGoneError } from '../errors.ts';
import type { Signal } from '../export-request.ts';
import { unpack } from '../whole-body.ts';
import type { Frame, JournalRecord } from './frame.ts';
import { encodeFrame, recordOf } from './frame.ts';
import type { NewSegment } from './segment-file.ts';
import { createSegment, listSegments, readSegment } from './segment-file.ts';

/** Past so many bytes a new segment is begun: a segment is read as a whole. */
const SEGMENT_BYTES = 32 * 1024 * 1024;

interface Segment {
  readonly path: string;
  bytes: number;
  /** So many more they would be if its bodies were unpacked. */
  savedBytes: number;
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
  #current: { readonly segment: Segment; readonly open: NewSegment } | undefined;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, segments: Segment[], nextNumber: number) {
    this.#directory = directory;
    this.#segments = segments;
    this.#nextNumber = nextNumber;
  }

  /** @throws Error of the file system */
  static async open(directory: string): Promise<Journal> {
    const found = await listSegments(directory);
    const segments = found.map(([, path]) => {
      return { path, bytes: 0, savedBytes: 0, isDamaged: false, endSeq: Number.POSITIVE_INFINITY };
    });
    return new Journal(directory, segments, (found.at(-1)?.[0] ?? 0) + 1);
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

  /** The same with all bodies unpacked: what is written to the database of them depends on these. */
  get unpackedBytes(): number {
    return this.#segments.reduce((sum, { savedBytes }) => sum + savedBytes, this.bytes);
  }

  /**
   * The records that have rows from `fromSeq` on, oldest first and unpacked; those of which a frame is missing are left out.
   * Nothing may be appended meanwhile.
   * @param onDamage told of what cannot be read and may have been acknowledged
   * @throws StoreOpenError, or the file system's error
   */
  async *read(fromSeq: number, onDamage: (damage: Damage) => void): AsyncGenerator<JournalRecord, void> {
    const begun = new Map<number, Uint8Array[]>();
    for (const segment of [...this.#segments]) {
      const { frames, damaged, tailBytes, bytes, unchecked } = await readSegment(segment.path);
      segment.bytes = bytes;
      segment.savedBytes = savedBy(frames);
      segment.endSeq = Math.max(0, ...new Set(frames.map(({ seq, rows }) => seq + rows)));
      // What the last segment ends with was being written, and nobody was told that it is stored.
      let places = damaged + (tailBytes > 0 && segment !== this.#segments.at(-1) ? 1 : 0);
      for (const frame of frames) {
        const pieces = begun.get(frame.seq) ?? [];
        begun.delete(frame.seq);
        // One before it is damaged, and was told of.
        if (pieces.length !== frame.piece) continue;
        pieces.push(frame.body);
        if (frame.goesOn) {
          begun.set(frame.seq, pieces);
          continue;
        }
        if (frame.seq + frame.rows <= fromSeq) continue;
        const record = unpacked(recordOf(frame, pieces));
        if (record === undefined) places++;
        else yield record;
      }
      if (places > 0 && !segment.isDamaged)
        onDamage({ path: damagedName(segment.path), places, lost: rowsFrom(fromSeq, unchecked) });
      // What is not unpacked again, as the database has what is around it, is damaged all the same.
      segment.isDamaged ||= places > 0;
    }
  }

  /** Resolves when the frames are on disk. @throws Error of the file system; nothing of it is read again then */
  append(frames: readonly Frame[]): Promise<void> {
    return this.#alone(async () => {
      const { segment, open } = await this.#writable();
      const buffers = frames.flatMap((frame) => encodeFrame(frame, open.salt));
      try {
        segment.bytes += await writeAll(open, segment.bytes, buffers);
        // What is written to a file without a name is gone with the process.
        if ((await open.file.stat()).nlink === 0) throw new StoreGoneError(segment.path);
        segment.savedBytes += savedBy(frames);
        for (const { seq, rows } of frames) segment.endSeq = Math.max(segment.endSeq, seq + rows);
      } catch (error) {
        // What a failed sync leaves of a file is unknown: this one is not written to again.
        this.#current = undefined;
        await open.file.truncate(segment.bytes).catch(() => {});
        await open.file.close().catch(() => {});
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
        if (segment.isDamaged) await rename(segment.path, damagedName(segment.path));
        await this.#remove(segment);
      }
    });
  }

  close(): Promise<void> {
    return this.#alone(() => this.#endSegment());
  }

  async #writable(): Promise<{ readonly segment: Segment; readonly open: NewSegment }> {
    if (this.#current !== undefined && this.#current.segment.bytes >= SEGMENT_BYTES) await this.#endSegment();
    if (this.#current === undefined) {
      // Another one after a failure: what is left of a segment that was not made is in the way of none.
      const number = this.#nextNumber++;
      const open = await createSegment(this.#directory, number);
      const segment = {
        path: open.path,
        bytes: open.bytes,
        savedBytes: 0,
        isDamaged: false,
        endSeq: 0,
      };
      this.#segments.push(segment);
      this.#current = { segment, open };
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
    await current?.open.file.close();
  }

  #alone<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(task);
    this.#last = done.catch(() => {});
    return done;
  }
}

/** How many bytes are not written, as frames are packed. */
function savedBy(frames: readonly Frame[]): number {
  let bytes = 0;
  for (const { body, packing } of frames)
    if (packing !== undefined) bytes += packing.unpackedBytes - body.byteLength;
  return bytes;
}

/** Rows of the records that have some from `seq` on. */
function rowsFrom(fromSeq: number, frames: readonly Frame[]): Damage['lost'] {
  const lost = { traces: 0, logs: 0 };
  for (const { signal, seq, rows, goesOn } of frames)
    if (!goesOn && seq + rows > fromSeq) lost[signal] += rows;
  return lost;
}

/** Undefined when it cannot be unpacked: its bytes changed before their checksum was made. */
function unpacked({ packing, ...record }: JournalRecord): JournalRecord | undefined {
  try {
    return { ...record, body: unpack({ bytes: record.body, packing }) };
  } catch {
    return undefined;
  }
}

/** Not the name of a segment any more. */
function damagedName(path: string): string {
  return `${path}.damaged`;
}

async function writeAll(
  { file }: NewSegment,
  position: number,
  buffers: readonly Uint8Array[],
): Promise<number> {
  const total = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
  let rest = [...buffers];
  for (let written = 0; written < total; ) {
    const { bytesWritten } = await file.writev(rest, position + written);
    written += bytesWritten;
    if (written < total) rest = after(rest, bytesWritten);
  }
  await file.datasync();
  return total;
}

/** What is left of the buffers behind their first bytes. */
function after(buffers: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  const rest: Uint8Array[] = [];
  for (const buffer of buffers) {
    if (skip >= buffer.byteLength) skip -= buffer.byteLength;
    else {
      rest.push(skip === 0 ? buffer : buffer.subarray(skip));
      skip = 0;
    }
  }
  return rest;
}
