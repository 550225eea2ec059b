import { crc32 } from 'node:zlib';
import type { Signal } from '../rows/request.ts';

/** A record begins with the mark. Its last byte is the version of the format, two bits from any other version. */
export const MARK = Buffer.from('TJR8', 'latin1');
/** The version before. Its records have no checksum of the header, and no end. */
export const OLD_MARK = Buffer.from('TJR7', 'latin1');
export const ANY_VERSION = MARK.subarray(0, 3);
/** The last bytes of a record. Without them it was not written whole, and never acknowledged. */
export const END = Buffer.from('TJE8', 'latin1');
/**
 * mark, checksum of all that follows but the header's own, signal, length of the dataset's name (16 bits), length of the body, rows;
 * 64 bits each: seq, received; and the checksum of the header, which says that its lengths and rows are right though the body is damaged
 */
export const HEADER_BYTES = 40;
export const OLD_HEADER_BYTES = 36;
const CHECKED_FROM = 8;
const HEADER_CHECKSUM_AT = 36;
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
  header.writeUInt32LE(headerChecksum(header), HEADER_CHECKSUM_AT);
  return [header, name, body, END];
}

/** Rows of a record. */
export interface Rows {
  readonly seq: number;
  readonly rows: number;
}

export interface FoundRecords {
  /** As they come in the file. Their bodies are views on the segment's bytes. */
  readonly records: readonly JournalRecord[];
  /** Damaged records whose headers are right. */
  readonly lost: readonly Rows[];
  /** Whether there is something unreadable before the last of both. */
  readonly hasGap: boolean;
  /** A record that was not written up to its end. */
  readonly torn?: Rows;
  /** Bytes after the last record. */
  readonly tail: Buffer;
}

/** Reads the records. After one whose header is damaged too, the reading goes on at the next mark. */
export function findRecords(bytes: Buffer): FoundRecords {
  const records: JournalRecord[] = [];
  const lost: Rows[] = [];
  const written = withoutZeros(bytes);
  let hasGap = false;
  let end = 0;
  let torn: Rows | undefined;
  for (let at = 0; at >= 0 && at < written; ) {
    const found = recordAt(bytes, at);
    if (found === undefined) {
      at = nextRecord(bytes, at + 1);
      hasGap ||= at >= 0;
      continue;
    }
    if (written < found.end) {
      torn = found.rows;
      break;
    }
    if (found.record !== undefined) records.push(found.record);
    else lost.push(found.rows);
    at = found.end;
    end = at;
  }
  return { records, lost, hasGap, ...(torn && { torn }), tail: bytes.subarray(end) };
}

/** Where the next record with a mark begins; -1 for none. */
function nextRecord(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(ANY_VERSION, from);
  while (at >= 0 && recordAt(bytes, at) === undefined) at = bytes.indexOf(ANY_VERSION, at + 1);
  return at;
}

/**
 * The record that begins at a byte, or its rows if only its header is right, and the byte after it. A right header needs no mark
 * before it. Of the version before, only a whole record is told.
 */
function recordAt(bytes: Buffer, at: number) {
  const isOld = bytes.subarray(at, at + OLD_MARK.byteLength).equals(OLD_MARK);
  const from = at + (isOld ? OLD_HEADER_BYTES : HEADER_BYTES);
  const header = bytes.subarray(at, from);
  if (from > bytes.byteLength) return undefined;
  if (!isOld && (isOfOther(header) || header.readUInt32LE(HEADER_CHECKSUM_AT) !== headerChecksum(header)))
    return undefined;
  const { signal, nameBytes, bodyBytes, ...numbers } = readHeader(header);
  if (signal === undefined) return undefined;
  const bodyFrom = from + nameBytes;
  const name = bytes.subarray(from, bodyFrom);
  const body = bytes.subarray(bodyFrom, bodyFrom + bodyBytes);
  const end = bodyFrom + bodyBytes + (isOld ? 0 : END.byteLength);
  const rows: Rows = { seq: numbers.seq, rows: numbers.rows };
  if (end > bytes.byteLength || header.readUInt32LE(4) !== checksum(header, name, body))
    return isOld ? undefined : { rows, end };
  const dataset = name.byteLength > 0 ? name.toString() : undefined;
  const record: JournalRecord = { signal, ...numbers, ...(dataset && { dataset }), body };
  return { record, rows, end };
}

/** Whether a header has the mark of another version. With one wrong bit it is this version's. */
function isOfOther(header: Buffer): boolean {
  const version = header.toString('latin1', ANY_VERSION.byteLength, MARK.byteLength);
  if (!header.subarray(0, ANY_VERSION.byteLength).equals(ANY_VERSION) || !/\w/.test(version)) return false;
  const wrong = version.charCodeAt(0) ^ (MARK.at(-1) ?? 0);
  return (wrong & (wrong - 1)) !== 0; // more than one bit
}

/** The fields of a header that say where its record ends, and what it holds. */
export function readHeader(header: Buffer) {
  return {
    signal: SIGNALS[header.readUInt8(8)],
    nameBytes: header.readUInt16LE(10),
    bodyBytes: header.readUInt32LE(12),
    rows: header.readUInt32LE(16),
    seq: Number(header.readBigUInt64LE(20)),
    received: Number(header.readBigUInt64LE(28)),
  };
}

function headerChecksum(header: Buffer): number {
  return crc32(header.subarray(CHECKED_FROM, HEADER_CHECKSUM_AT));
}

function checksum(header: Buffer, name: Uint8Array, body: Uint8Array): number {
  return crc32(body, crc32(name, headerChecksum(header)));
}

const ZEROS = Buffer.alloc(4096);

/** The bytes up to the last one that is not zero. */
export function withoutZeros(bytes: Buffer): number {
  let end = bytes.byteLength;
  while (end >= ZEROS.byteLength && bytes.subarray(end - ZEROS.byteLength, end).equals(ZEROS))
    end -= ZEROS.byteLength;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}
