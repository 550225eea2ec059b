import { crc32 } from 'node:zlib';
import type { Signal } from '../rows/request.ts';

/** A record begins with the mark. Its last byte is the version of the format. */
const MARK = Buffer.from('TJR4', 'latin1');
/** mark, checksum, signal, length of the dataset's name (16 bits), length of the body, rows; 64 bits each: seq, received */
const HEADER_BYTES = 36;
const CHECKED_FROM = 8;
const SIGNALS: readonly Signal[] = ['traces', 'logs'];

/** One request, or a part of one, in the journal. */
export interface JournalRecord {
  readonly signal: Signal;
  /** `_seq` of its first row. */
  readonly seq: number;
  /** How many rows it becomes. */
  readonly rows: number;
  /** When it came, milliseconds since the epoch. */
  readonly received: number;
  /** The dataset that its sender named. */
  readonly dataset?: string | undefined;
  /** OTLP protobuf, or gzip of it. */
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

/** The content of a segment. */
export interface FoundRecords {
  /** In order. Their bodies are views on the segment's bytes. */
  readonly records: readonly JournalRecord[];
  /** Whether there is something else before the last record. */
  readonly isDamaged: boolean;
  /** Bytes after the last record: of one that was being written when the process ended, or damaged. */
  readonly tail: Buffer;
}

/** Reads the records that are whole. After a damaged record it goes on at the next mark. */
export function findRecords(bytes: Buffer): FoundRecords {
  const records: JournalRecord[] = [];
  let isDamaged = false;
  let end = 0;
  for (let at = 0; at >= 0; ) {
    const found = recordAt(bytes, at);
    if (found === undefined) {
      at = bytes.indexOf(MARK, at + 1);
      continue;
    }
    isDamaged ||= at > end;
    records.push(found.record);
    at = found.end;
    end = at;
  }
  return { records, isDamaged, tail: bytes.subarray(end) };
}

/** How many rows a record has of which only the beginning is there, as far as it says so. */
export function rowsOfTorn(bytes: Buffer): number {
  return bytes.byteLength >= HEADER_BYTES ? bytes.readUInt32LE(16) : 0;
}

/** Whether bytes can be the beginning of a record, or zeros, which a power cut leaves. */
export function isTorn(bytes: Buffer): boolean {
  const start = bytes.subarray(0, MARK.byteLength);
  return bytes[0] === 0 || start.equals(MARK.subarray(0, start.byteLength));
}

/** The record that begins at a byte, and the byte after it. */
function recordAt(bytes: Buffer, at: number) {
  const from = at + HEADER_BYTES;
  if (from > bytes.byteLength || !MARK.equals(bytes.subarray(at, at + MARK.byteLength))) return undefined;
  const header = bytes.subarray(at, from);
  const signal = SIGNALS[header.readUInt8(8)];
  const bodyFrom = from + header.readUInt16LE(10);
  const end = bodyFrom + header.readUInt32LE(12);
  if (signal === undefined || end > bytes.byteLength) return undefined;
  const name = bytes.subarray(from, bodyFrom);
  const body = bytes.subarray(bodyFrom, end);
  if (header.readUInt32LE(4) !== checksum(header, name, body)) return undefined;
  const record: JournalRecord = {
    signal,
    rows: header.readUInt32LE(16),
    seq: Number(header.readBigUInt64LE(20)),
    received: Number(header.readBigUInt64LE(28)),
    ...(name.byteLength > 0 && { dataset: name.toString() }),
    body,
  };
  return { record, end };
}

function checksum(header: Buffer, name: Uint8Array, body: Uint8Array): number {
  return crc32(body, crc32(name, crc32(header.subarray(CHECKED_FROM))));
}
