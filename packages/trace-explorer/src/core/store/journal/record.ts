import { crc32 } from 'node:zlib';
import type { Signal } from '../rows/request.ts';

/** A record begins with the mark. Its last byte is the version of the format, two bits from any other version. */
export const MARK = Buffer.from('TJR7', 'latin1');
export const ANY_VERSION = MARK.subarray(0, 3);
/** mark, checksum, signal, length of the dataset's name (16 bits), length of the body, rows; 64 bits each: seq, received */
export const HEADER_BYTES = 36;
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

/** Bytes of records in the journal. */
export function lengthOf(records: readonly JournalRecord[]): number {
  const bytesOf = ({ dataset = '', body }: JournalRecord) => Buffer.byteLength(dataset) + body.byteLength;
  return records.reduce((sum, record) => sum + HEADER_BYTES + bytesOf(record), 0);
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

/** The record that begins at a byte, and the byte after it. */
function recordAt(bytes: Buffer, at: number) {
  const from = at + HEADER_BYTES;
  const header = bytes.subarray(at, from);
  if (from > bytes.byteLength || !header.subarray(0, MARK.byteLength).equals(MARK)) return undefined;
  const { signal, nameBytes, bodyBytes, ...numbers } = readHeader(header);
  const bodyFrom = from + nameBytes;
  const end = bodyFrom + bodyBytes;
  if (signal === undefined || end > bytes.byteLength) return undefined;
  const name = bytes.subarray(from, bodyFrom);
  const body = bytes.subarray(bodyFrom, end);
  if (header.readUInt32LE(4) !== checksum(header, name, body)) return undefined;
  const dataset = name.byteLength > 0 ? name.toString() : undefined;
  const record: JournalRecord = { signal, ...numbers, ...(dataset && { dataset }), body };
  return { record, end };
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

function checksum(header: Buffer, name: Uint8Array, body: Uint8Array): number {
  return crc32(body, crc32(name, crc32(header.subarray(CHECKED_FROM))));
}
