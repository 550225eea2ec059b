import { crc32 } from 'node:zlib';

/**
 * A record is a 16-byte header (state, mark, two zero bytes, then as little-endian 32-bit numbers the body's length,
 * its items, and the CRC-32 of those two and the body), then the body. The state is rewritten in place.
 */
export const RECORD_OVERHEAD_BYTES = 16;
const MARK = 0xa7;
const WAITING = 1;

/** What a record's first byte is when it was delivered. */
export const DONE = 2;

/** Bytes that may be looked at in vain for the record that follows damage, so that no file keeps us for long. */
const MAX_TRIED_BYTES = 64 * 1024 * 1024;

/** A whole record in the bytes of a file, which is still to be sent. */
export interface FoundRecord {
  readonly offset: number;
  /** Of its body. */
  readonly length: number;
  readonly items: number;
}

/** What is in a file of records. */
export interface Scan {
  /** Those still to be sent, in order. */
  readonly records: readonly FoundRecord[];
  /** Bytes that belong to no record. */
  readonly damagedBytes: number;
  /** Spans that were in them: as the damaged headers say where these can be believed, else at least one. */
  readonly damagedItems: number;
}

/** The bytes of a record. */
export function encodeRecord({ body, items }: { readonly body: Buffer; readonly items: number }): Buffer {
  const header = Buffer.alloc(RECORD_OVERHEAD_BYTES);
  header[0] = WAITING;
  header[1] = MARK;
  header.writeUInt32LE(body.length, 4);
  header.writeUInt32LE(items, 8);
  header.writeUInt32LE(checksum(header, body), 12);
  return Buffer.concat([header, body]);
}

/** The body of the record whose bytes these are; undefined when they are damaged. */
export function decodeRecord(bytes: Buffer): Buffer | undefined {
  const found = recordAt(bytes, 0);
  if (!found.isWhole || found.end !== bytes.length) return undefined;
  return bytes.subarray(RECORD_OVERHEAD_BYTES);
}

/**
 * Finds the records in the bytes of a file. What is damaged is stepped over: the next bytes that are a whole record,
 * by their checksum, are one again.
 */
export function scanRecords(file: Buffer): Scan {
  const records: FoundRecord[] = [];
  let damagedBytes = 0;
  let damagedItems = 0;
  let triedBytes = 0;
  let damagedFrom: number | undefined;
  const endDamage = (end: number) => {
    if (damagedFrom === undefined) return;
    damagedBytes += end - damagedFrom;
    damagedItems += itemsIn(file.subarray(damagedFrom, end));
    damagedFrom = undefined;
  };
  let offset = 0;
  while (offset < file.length) {
    const found = recordAt(file, offset);
    if (found.isWhole) {
      endDamage(offset);
      const { length, items, end } = found;
      if (file[offset] !== DONE) records.push({ offset, length, items });
      offset = end;
      continue;
    }
    damagedFrom ??= offset;
    triedBytes += found.triedBytes;
    const mark = triedBytes > MAX_TRIED_BYTES ? -1 : file.indexOf(MARK, offset + 2);
    offset = mark < 0 ? file.length : mark - 1;
  }
  endDamage(file.length);
  return { records, damagedBytes, damagedItems };
}

type Attempt =
  | { readonly isWhole: true; readonly length: number; readonly items: number; readonly end: number }
  | { readonly isWhole: false; readonly triedBytes: number };

/** The mark is not asked for: a record is whole by its checksum. */
function recordAt(file: Buffer, offset: number): Attempt {
  const start = offset + RECORD_OVERHEAD_BYTES;
  if (start > file.length) return { isWhole: false, triedBytes: 0 };
  const length = file.readUInt32LE(offset + 4);
  const end = start + length;
  if (end > file.length) return { isWhole: false, triedBytes: 0 };
  const sum = checksum(file.subarray(offset, start), file.subarray(start, end));
  if (sum !== file.readUInt32LE(offset + 12)) return { isWhole: false, triedBytes: length };
  return { isWhole: true, length, items: file.readUInt32LE(offset + 8), end };
}

/** How many items a damaged stretch had. */
function itemsIn(stretch: Buffer): number {
  if (stretch.length < RECORD_OVERHEAD_BYTES || stretch[1] !== MARK) return 1;
  if (stretch[0] === DONE) return 0;
  const items = stretch.readUInt32LE(8);
  // None is shorter than a byte: a number above that is damaged itself.
  return items >= 1 && items <= stretch.length ? items : 1;
}

/** Of the header's length and items, and the body. */
function checksum(header: Buffer, body: Buffer): number {
  return crc32(body, crc32(header.subarray(4, 12)));
}
