import type { Batch } from '../encoding/batch-builder.ts';
import type { Scan } from './scan-records.ts';
import { RECORD_OVERHEAD_BYTES } from './scan-records.ts';

/** One batch in a segment. */
export interface SpoolRecord {
  readonly segment: Segment;
  readonly offset: number;
  readonly length: number;
  readonly items: number;
  /** `taken`: being sent by this process. */
  state: 'waiting' | 'taken' | 'done';
  /** The batch itself while it is not on disk. */
  unwritten: Batch | undefined;
  /** Whether the destination has refused it, for something that a person has to mend. */
  wasRefused?: boolean;
}

/** One file of the spool, as it will be when all tasks are done: records are appended, and taken from the front. */
export class Segment {
  readonly path: string;
  /** Size of the file. */
  bytes = 0;
  /** Spans that wait or are taken. */
  items = 0;
  removed = false;
  /** Whether a record could not be written: none is written behind it. */
  isBroken = false;
  readonly #records: SpoolRecord[] = [];
  #next = 0;

  /** @param scan what a former process left in it */
  constructor(path: string, bytes = 0, scan?: Scan) {
    this.path = path;
    this.bytes = bytes;
    for (const record of scan?.records ?? []) {
      this.#records.push({ segment: this, ...record, state: 'waiting', unwritten: undefined });
      this.items += record.items;
    }
  }

  /** Gives a batch its place behind all others. */
  append(batch: Batch, state: 'waiting' | 'taken'): SpoolRecord {
    const { body, items } = batch;
    const record: SpoolRecord = {
      segment: this,
      offset: this.bytes,
      length: body.length,
      items,
      state,
      unwritten: batch,
    };
    this.#records.push(record);
    this.bytes += RECORD_OVERHEAD_BYTES + body.length;
    this.items += items;
    return record;
  }

  /** The next records in order, as many as fit the limits but at least one if there is any. */
  take(maxItems: number, maxBytes: number): SpoolRecord[] {
    const taken: SpoolRecord[] = [];
    let items = 0;
    let bytes = 0;
    for (; this.#next < this.#records.length; this.#next++) {
      const record = this.#records[this.#next] as SpoolRecord;
      if (record.state !== 'waiting') continue;
      items += record.items;
      bytes += record.length;
      if (taken.length > 0 && (items > maxItems || bytes > maxBytes)) break;
      record.state = 'taken';
      taken.push(record);
    }
    return taken;
  }

  /** The record is not sent again. @returns whether that is news */
  finish(record: SpoolRecord): boolean {
    if (record.state === 'done') return false;
    record.state = 'done';
    this.items -= record.items;
    return true;
  }

  /** Lets the record be taken again. */
  putBack(record: SpoolRecord): void {
    record.state = 'waiting';
    this.#next = 0;
  }

  /** Spans being sent by this process. */
  get takenItems(): number {
    let items = 0;
    for (const record of this.#records) if (record.state === 'taken') items += record.items;
    return items;
  }
}
