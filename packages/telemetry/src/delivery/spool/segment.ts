import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Batch } from '../encoding/batch-builder.ts';

/**
 * A record is a 16-byte header (state, mark, two zero bytes, then as little-endian 32-bit numbers the body's length,
 * its spans, and the CRC-32 of those two and the body), then the body. The state is rewritten in place.
 */
export const RECORD_OVERHEAD_BYTES = 16;
const MARK = 0xa7;
const WAITING = 1;
const DONE = 2;

/** One batch in a segment. */
export interface SpoolRecord {
  readonly segment: Segment;
  readonly offset: number;
  readonly length: number;
  readonly spans: number;
  /** `taken`: being sent by this process. */
  state: 'waiting' | 'taken' | 'done';
}

/**
 * One file of the spool: records are appended, taken from the front, and marked when they are done.
 * Nothing is synced to the disk: what is written outlives the process, not a loss of power.
 */
export class Segment {
  readonly path: string;
  /** Size of the file. */
  bytes = 0;
  /** Spans that wait or are taken. */
  spans = 0;
  removed = false;
  #records: SpoolRecord[] | undefined = [];
  #next = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Creates an empty file that only its owner can read. */
  static create(path: string): Segment {
    closeSync(openSync(path, 'wx', 0o600));
    return new Segment(path);
  }

  /** Opens a file that a former process left. */
  static open(path: string): Segment {
    const segment = new Segment(path);
    segment.#records = undefined;
    segment.#load();
    segment.unload();
    return segment;
  }

  /** @throws Error when it cannot be written whole; then nothing of it is there. */
  append(batch: Batch, state: 'waiting' | 'taken' = 'waiting'): SpoolRecord {
    const header = Buffer.alloc(RECORD_OVERHEAD_BYTES);
    header[0] = WAITING;
    header[1] = MARK;
    header.writeUInt32LE(batch.body.length, 4);
    header.writeUInt32LE(batch.spans, 8);
    header.writeUInt32LE(crc32(batch.body, crc32(header.subarray(4, 12))), 12);
    const bytes = Buffer.concat([header, batch.body]);
    withFile(this.path, 'r+', (file) => {
      try {
        const written = writeSync(file, bytes, 0, bytes.length, this.bytes);
        if (written < bytes.length)
          throw new Error(`Only ${written} of ${bytes.length} bytes could be written.`);
      } catch (error) {
        ftruncateSync(file, this.bytes);
        throw error;
      }
    });
    const record: SpoolRecord = {
      segment: this,
      offset: this.bytes,
      length: batch.body.length,
      spans: batch.spans,
      state,
    };
    this.#load().push(record);
    this.bytes += bytes.length;
    this.spans += batch.spans;
    return record;
  }

  /** The next records in order, as many as fit the limits but at least one if there is any. */
  take(maxSpans: number, maxBytes: number): SpoolRecord[] {
    const taken: SpoolRecord[] = [];
    let spans = 0;
    let bytes = 0;
    const records = this.#load();
    for (; this.#next < records.length; this.#next++) {
      const record = records[this.#next] as SpoolRecord;
      if (record.state !== 'waiting') continue;
      spans += record.spans;
      bytes += record.length;
      if (taken.length > 0 && (spans > maxSpans || bytes > maxBytes)) break;
      record.state = 'taken';
      taken.push(record);
    }
    return taken;
  }

  /** The record's bytes; undefined when they are damaged. */
  read(record: SpoolRecord): Buffer | undefined {
    const bytes = Buffer.allocUnsafeSlow(RECORD_OVERHEAD_BYTES + record.length);
    const count = withFile(this.path, 'r', (file) => readSync(file, bytes, 0, bytes.length, record.offset));
    const body = bytes.subarray(RECORD_OVERHEAD_BYTES);
    const expected = bytes.readUInt32LE(12);
    return count === bytes.length && crc32(body, crc32(bytes.subarray(4, 12))) === expected
      ? body
      : undefined;
  }

  /** Marks the record, on disk too, so that no later process sends it again. */
  finish(record: SpoolRecord): void {
    if (record.state === 'done') return;
    record.state = 'done';
    this.spans -= record.spans;
    if (this.removed) return;
    withFile(this.path, 'r+', (file) => writeSync(file, Uint8Array.of(DONE), 0, 1, record.offset));
  }

  /** Lets the record be taken again. */
  putBack(record: SpoolRecord): void {
    record.state = 'waiting';
    this.#next = 0;
  }

  /** Whether nothing is left to send. */
  get isEmpty(): boolean {
    return this.spans === 0;
  }

  /** Spans being sent by this process. */
  get takenSpans(): number {
    let spans = 0;
    for (const record of this.#records ?? []) if (record.state === 'taken') spans += record.spans;
    return spans;
  }

  /** Gives the list of records back to memory; it is read again when they are taken. */
  unload(): void {
    if (this.takenSpans > 0) return;
    this.#records = undefined;
    this.#next = 0;
  }

  remove(): void {
    this.removed = true;
    rmSync(this.path, { force: true });
  }

  #load(): SpoolRecord[] {
    if (this.#records) return this.#records;
    const records: SpoolRecord[] = [];
    withFile(this.path, 'r', (file) => {
      const { size } = fstatSync(file);
      const header = Buffer.alloc(RECORD_OVERHEAD_BYTES);
      let offset = 0;
      this.spans = 0;
      while (offset + RECORD_OVERHEAD_BYTES <= size) {
        readSync(file, header, 0, RECORD_OVERHEAD_BYTES, offset);
        const length = header.readUInt32LE(4);
        const spans = header.readUInt32LE(8);
        const end = offset + RECORD_OVERHEAD_BYTES + length;
        // A torn last record: what a process was writing when it was killed.
        if (header[1] !== MARK || end > size) break;
        if (header[0] !== DONE) {
          records.push({ segment: this, offset, length, spans, state: 'waiting' });
          this.spans += spans;
        }
        offset = end;
      }
      this.bytes = size;
    });
    this.#records = records;
    return records;
  }
}

function withFile<T>(path: string, flags: string, use: (file: number) => T): T {
  const file = openSync(path, flags);
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}
