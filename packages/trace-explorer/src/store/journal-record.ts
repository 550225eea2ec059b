import { crc32 } from 'node:zlib';
import { decodeLogs, decodeTraces } from '@tandem/otlp';
import type { ContentCoding } from '../shared/content-coding.ts';
import { codecOf } from '../shared/content-coding.ts';
import type { ExportRequest, Signal } from './export-request.ts';

/** How a body is packed, and how many bytes it becomes. */
interface Packing {
  readonly coding: ContentCoding;
  readonly unpackedBytes: number;
}

/** All of a request, as the journal keeps it. */
export interface WholeBody {
  readonly bytes: Uint8Array;
  /** Undefined where `bytes` are OTLP protobuf already. */
  readonly packing?: Packing | undefined;
}

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
  readonly body: WholeBody;
}

/** Where the search for the next record goes on after a damaged one. */
const MARK = Buffer.from('TJRF', 'latin1');
/** mark, checksum, signal, coding, length of the dataset's name, then 32 bits each: body, unpacked body, rows; 64: seq, received */
const HEADER_BYTES = 40;
const CHECKED_FROM = 8;
const SIGNALS: readonly Signal[] = ['traces', 'logs'];
const CODINGS: readonly (ContentCoding | undefined)[] = [undefined, 'gzip', 'deflate', 'zstd'];
/** A length above it is damage: no request becomes as much. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** Below it unpacking takes as long, after a restart, as writing what it saves. */
const MIN_PACKED_BODY_BYTES = 4 * 1024;
/** Of what zlib unpacks into. */
const MIN_CHUNK_BYTES = 1024;

/**
 * The body as it came where that is worth keeping: the journal's checksum, write and sync cost by the byte.
 * @param coding that of `came`; undefined when it is `unpacked` itself
 */
export function wholeBody(
  came: Uint8Array,
  coding: ContentCoding | undefined,
  unpacked: Uint8Array,
): WholeBody {
  const unpackedBytes = unpacked.byteLength;
  return coding === undefined || unpackedBytes < MIN_PACKED_BODY_BYTES || came.byteLength >= unpackedBytes
    ? { bytes: unpacked }
    : { bytes: came, packing: { coding, unpackedBytes } };
}

/** The body in protobuf. @throws Error when it is not what was packed */
export function unpack({ bytes, packing }: WholeBody): Uint8Array {
  if (packing === undefined) return bytes;
  const { coding, unpackedBytes } = packing;
  const unpacked = codecOf(coding, bytes).atOnce(bytes, {
    maxOutputLength: unpackedBytes,
    // One more, or zlib would ask whether there is a rest.
    chunkSize: Math.max(unpackedBytes + 1, MIN_CHUNK_BYTES),
  });
  if (unpacked.byteLength !== unpackedBytes)
    throw new Error(`${unpacked.byteLength} bytes were unpacked, and ${unpackedBytes} had been packed`);
  return unpacked;
}

/** What was accepted once is accepted again, however long it takes. */
const NO_LIMITS = {
  maxItems: Number.MAX_SAFE_INTEGER,
  maxGroups: Number.MAX_SAFE_INTEGER,
  maxItemValues: Number.MAX_SAFE_INTEGER,
  maxSharedValues: Number.MAX_SAFE_INTEGER,
};

/** The request of a record. @throws Error where the journal has what was never written to it */
export function requestOf({ signal, body, dataset }: JournalRecord): ExportRequest {
  const bytes = unpack(body);
  const request =
    signal === 'logs' ? decodeLogs(bytes, 'protobuf', NO_LIMITS) : decodeTraces(bytes, 'protobuf', NO_LIMITS);
  return dataset === undefined ? request : { ...request, dataset };
}

/**
 * The bytes of a record, to be written one after the other.
 * @param salt of the segment: what a sender puts into a span must not pass for a record
 */
export function encodeRecord(record: JournalRecord, salt: number): readonly Uint8Array[] {
  const { signal, seq, rows, received, dataset, body } = record;
  const name = Buffer.from(dataset ?? '');
  const header = Buffer.alloc(HEADER_BYTES);
  MARK.copy(header);
  header.writeUInt8(SIGNALS.indexOf(signal), 8);
  header.writeUInt8(CODINGS.indexOf(body.packing?.coding), 9);
  header.writeUInt16LE(name.byteLength, 10);
  header.writeUInt32LE(body.bytes.byteLength, 12);
  header.writeUInt32LE(body.packing?.unpackedBytes ?? body.bytes.byteLength, 16);
  header.writeUInt32LE(rows, 20);
  header.writeBigUInt64LE(BigInt(seq), 24);
  header.writeBigUInt64LE(BigInt(received), 32);
  header.writeUInt32LE(checksum([header.subarray(CHECKED_FROM), name, body.bytes], salt), 4);
  return [header, name, body.bytes];
}

/** What is in a segment. */
export interface FoundRecords {
  /** In order; their bodies are views on the segment. */
  readonly records: readonly JournalRecord[];
  /** Places between two records where there should have been others. */
  readonly damaged: number;
  /** Bytes after the last record: of one that was being written when the process ended, or damaged. */
  readonly tailBytes: number;
}

/**
 * Reads the records that are whole, and goes on behind those that are not.
 * @param salt undefined where it is not known: records are not checked then
 */
export function findRecords(bytes: Buffer, start: number, salt: number | undefined): FoundRecords {
  const records: JournalRecord[] = [];
  let damaged = 0;
  let end = start;
  for (let at = start; at >= 0; ) {
    const found = recordAt(bytes, at, salt);
    if (found === undefined) {
      at = bytes.indexOf(MARK, at + 1);
      continue;
    }
    if (at > end) damaged++;
    records.push(found.record);
    at = found.end;
    end = at;
  }
  return { records, damaged, tailBytes: bytes.byteLength - end };
}

/** The record that begins at a byte, and the byte after it. */
function recordAt(bytes: Buffer, at: number, salt: number | undefined) {
  const from = at + HEADER_BYTES;
  if (from > bytes.byteLength || !MARK.equals(bytes.subarray(at, at + MARK.byteLength))) return undefined;
  const header = bytes.subarray(at, from);
  const signal = SIGNALS[header.readUInt8(8)];
  const codingNumber = header.readUInt8(9);
  const bodyFrom = from + header.readUInt16LE(10);
  const length = header.readUInt32LE(12);
  const unpackedBytes = header.readUInt32LE(16);
  const end = bodyFrom + length;
  if (signal === undefined || codingNumber >= CODINGS.length || end > bytes.byteLength) return undefined;
  if (unpackedBytes > MAX_BODY_BYTES) return undefined;
  const body = bytes.subarray(bodyFrom, end);
  const name = bytes.subarray(from, bodyFrom);
  if (
    salt !== undefined &&
    header.readUInt32LE(4) !== checksum([header.subarray(CHECKED_FROM), name, body], salt)
  )
    return undefined;
  const coding = CODINGS[codingNumber];
  const record: JournalRecord = {
    signal,
    rows: header.readUInt32LE(20),
    seq: Number(header.readBigUInt64LE(24)),
    received: Number(header.readBigUInt64LE(32)),
    ...(name.byteLength > 0 && { dataset: name.toString() }),
    body: { bytes: body, ...(coding && { packing: { coding, unpackedBytes } }) },
  };
  return { record, end };
}

function checksum(parts: readonly Uint8Array[], salt: number): number {
  return parts.reduce((sum, part) => crc32(part, sum), salt);
}
