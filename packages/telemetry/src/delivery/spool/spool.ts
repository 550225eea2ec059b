import { basename, dirname } from 'node:path';
import type { Batch } from '../encoding/batch-builder.ts';
import type { OwnedDirectory } from './owned-directory.ts';
import { claimDirectory, createDirectory, isMissing, listDirectories } from './owned-directory.ts';
import type { Segment, SpoolRecord } from './segment.ts';
import { RECORD_OVERHEAD_BYTES } from './segment.ts';

export interface SpoolOptions {
  /** One destination's directory; it may be shared with other processes of the same service. */
  readonly directory: string;
  /** The most bytes on disk, shared by all processes that use the directory now. */
  readonly maxBytes: number;
  /** Called with spans that are lost: the oldest, when it is full, and those whose bytes are damaged. */
  readonly onLost: (reason: 'spool_full' | 'spool_damaged', spans: number) => void;
}

/** Records taken together, and their bodies in a row, which are one request. */
export interface TakenBatch extends Batch {
  readonly records: readonly SpoolRecord[];
}

/** With eight segments, dropping the oldest one loses an eighth of the room at most. */
const SEGMENTS = 8;
const MAX_SEGMENT_BYTES = 4 * 1024 * 1024;

/**
 * Batches on disk, first in, first out. Every process writes to a directory of its own inside the shared one and
 * holds a lock on it; what a process that ended has left is adopted by the first one that gets its lock.
 * Nothing is created on disk before the first batch. Methods throw what the file system throws.
 */
export class Spool {
  readonly #options: SpoolOptions;
  #own: OwnedDirectory | undefined;
  #adopted: OwnedDirectory[] = [];
  /** Oldest first. */
  #segments: Segment[] = [];
  #current: Segment | undefined;
  #others = 0;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /** Spans on disk that this process will send. */
  get spans(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.spans, 0);
  }

  /** Bytes on disk in this process's charge. */
  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** This process's share of the room. */
  get capacityBytes(): number {
    return Math.floor(this.#options.maxBytes / (1 + this.#others));
  }

  /** Whether the batch could be kept, if everything older were dropped. */
  fits(batch: Batch): boolean {
    return batch.body.length + RECORD_OVERHEAD_BYTES <= this.capacityBytes;
  }

  /**
   * Writes a batch that {@link fits}, dropping the oldest ones when there is no room.
   *
   * @param state `taken` when it is being sent already
   */
  append(batch: Batch, state: 'waiting' | 'taken' = 'waiting'): SpoolRecord {
    this.#makeRoom(batch.body.length + RECORD_OVERHEAD_BYTES);
    try {
      return this.#segmentFor(batch.body.length).append(batch, state);
    } catch (error) {
      if (!isMissing(error)) throw error;
      // Somebody removed the directory while we ran: start anew.
      this.#forget();
      return this.#segmentFor(batch.body.length).append(batch, state);
    }
  }

  /** The oldest batches that fit the limits, to be given to {@link finish} or {@link putBack}. */
  take(maxSpans: number, maxBytes: number): TakenBatch | undefined {
    try {
      for (const segment of [...this.#segments]) {
        const taken = this.#takeFrom(segment, maxSpans, maxBytes);
        this.#removeIfEmpty(segment);
        if (taken) return taken;
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.#forget();
    }
    return undefined;
  }

  /** They were delivered, or given up: never to be sent again. */
  finish(records: readonly SpoolRecord[]): void {
    try {
      for (const record of records) record.segment.finish(record);
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.#forget();
    }
    for (const segment of new Set(records.map((record) => record.segment))) this.#removeIfEmpty(segment);
  }

  /** They were not delivered and wait again, in their old place. */
  putBack(records: readonly SpoolRecord[]): void {
    for (const record of records) {
      if (record.segment.removed) this.#options.onLost('spool_full', record.spans);
      else record.segment.putBack(record);
    }
  }

  /** Takes over what ended processes have left; returns how many spans that is. */
  adopt(): number {
    let spans = 0;
    let others = 0;
    for (const path of listDirectories(this.#options.directory)) {
      if (path === this.#own?.path || this.#adopted.some((each) => each.path === path)) continue;
      const claimed = claimDirectory(path);
      if (claimed === 'held') others++;
      if (typeof claimed === 'string') continue;
      this.#adopted.push(claimed);
      for (const segment of claimed.segments()) {
        spans += segment.spans;
        this.#segments.push(segment);
      }
    }
    this.#others = others;
    this.#segments.sort((a, b) => (basename(a.path) < basename(b.path) ? -1 : 1));
    for (const segment of [...this.#segments]) this.#removeIfEmpty(segment);
    return spans;
  }

  /** Gives the directories up for others to adopt, and removes those without spans. */
  close(): void {
    for (const owned of [...this.#adopted, ...(this.#own ? [this.#own] : [])]) owned.release();
    this.#adopted = [];
    this.#segments = [];
    this.#own = undefined;
    this.#current = undefined;
  }

  #segmentFor(bytes: number): Segment {
    const most = Math.min(MAX_SEGMENT_BYTES, Math.floor(this.capacityBytes / SEGMENTS));
    if (this.#current && this.#current.bytes + bytes <= most) return this.#current;
    this.#current?.unload();
    this.#own ??= createDirectory(this.#options.directory);
    this.#current = this.#own.createSegment();
    this.#segments.push(this.#current);
    return this.#current;
  }

  /** Drops the oldest segments until `bytes` more fit. */
  #makeRoom(bytes: number): void {
    while (this.bytes + bytes > this.capacityBytes) {
      const [oldest] = this.#segments;
      if (!oldest) return;
      // What is being sent may yet arrive; it is counted when it does not.
      const lost = oldest.spans - oldest.takenSpans;
      this.#remove(oldest);
      if (lost > 0) this.#options.onLost('spool_full', lost);
    }
  }

  #takeFrom(segment: Segment, maxSpans: number, maxBytes: number): TakenBatch | undefined {
    for (;;) {
      const records = segment.take(maxSpans, maxBytes);
      if (records.length === 0) return undefined;
      const bodies: Buffer[] = [];
      const intact: SpoolRecord[] = [];
      let spans = 0;
      for (const record of records) {
        const body = segment.read(record);
        if (body) {
          bodies.push(body);
          intact.push(record);
          spans += record.spans;
        } else {
          segment.finish(record);
          this.#options.onLost('spool_damaged', record.spans);
        }
      }
      if (intact.length > 0) return { body: Buffer.concat(bodies), spans, records: intact };
    }
  }

  #removeIfEmpty(segment: Segment): void {
    if (segment.isEmpty && !segment.removed) this.#remove(segment);
  }

  #remove(segment: Segment): void {
    segment.remove();
    this.#segments = this.#segments.filter((each) => each !== segment);
    if (this.#current === segment) this.#current = undefined;
    const directory = dirname(segment.path);
    if (this.#segments.some((each) => dirname(each.path) === directory)) return;
    // Ours is kept for the next batch; an adopted one has served.
    this.#adopted.find((each) => each.path === directory)?.release();
    this.#adopted = this.#adopted.filter((each) => each.path !== directory);
  }

  /** Gives up all that was on disk. */
  #forget(): void {
    const lost = this.#segments.reduce((sum, segment) => sum + segment.spans - segment.takenSpans, 0);
    for (const segment of this.#segments) segment.removed = true;
    this.close();
    if (lost > 0) this.#options.onLost('spool_damaged', lost);
  }
}
