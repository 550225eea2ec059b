import { crc32 } from 'node:zlib';
import type { ContentCoding } from '../../shared/content-coding.ts';
import type { Signal } from '../export-request.ts';
import type { Packing } from '../whole-body.ts';

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
  /** The request as OTLP protobuf, packed or not. */
  readonly body: Uint8Array;
  /** Undefined where it is not packed. */
  readonly packing?: Packing | undefined;
}

/**
 * A piece of a record as it stands in a segment: whole records are one piece, large ones several, of which the last says
 * how the body is packed.
 */
export interface Frame extends Omit<JournalRecord, 'dataset'> {
  /** Which piece of the record it is, from 0. */
  readonly piece: number;
  /** Whether the body goes on in a later frame of the same `seq`. */
  readonly goesOn: boolean;
  /** Whether the record's first piece is the name of its dataset, in UTF-8. */
  readonly isNamed: boolean;
}

/** Bytes of a body in one frame: what is written with one sync, so that small requests wait for no more than that. */
export const FRAME_BYTES = 4 * 1024 * 1024;

/** Where the search for the next frame goes on after a damaged one. */
const MARK = Buffer.from('TJRF', 'latin1');
/** mark, checksum, body's length, signal, flags, piece, rows, seq, received; where it is packed, what it becomes */
const HEADER_BYTES = 36;
const PACKED_HEADER_BYTES = 40;
const CHECKED_FROM = 8;
const GOES_ON = 1;
const IS_NAMED = 2;
/** Of the flags, from this bit on: the coding's number, 0 where the body is not packed. */
const CODING_BIT = 2;
const CODING_BITS = 3;
const SIGNALS: readonly Signal[] = ['traces', 'logs'];
const CODINGS: readonly (ContentCoding | undefined)[] = [undefined, 'gzip', 'deflate', 'zstd'];

/** The bytes of a frame, to be written one after the other. */
export type FrameBytes = readonly [header: Buffer, body: Uint8Array];

/** Cuts a record into frames. */
export function framesOf(record: JournalRecord): Frame[] {
  const { body, dataset, packing, ...head } = record;
  const isNamed = dataset !== undefined;
  const frames: Frame[] = [];
  if (isNamed) frames.push({ ...head, body: Buffer.from(dataset), piece: 0, goesOn: true, isNamed });
  for (let from = 0; from === 0 || from < body.byteLength; from += FRAME_BYTES) {
    const goesOn = from + FRAME_BYTES < body.byteLength;
    frames.push({
      ...head,
      body: body.subarray(from, from + FRAME_BYTES),
      piece: frames.length,
      goesOn,
      isNamed,
      ...(!goesOn && packing !== undefined && { packing }),
    });
  }
  return frames;
}

/** The record of a frame that is the last of its pieces. @param pieces bodies of all of them, in order */
export function recordOf(
  { signal, seq, rows, received, isNamed, packing }: Frame,
  pieces: Uint8Array[],
): JournalRecord {
  const [first] = pieces;
  const dataset = isNamed && first !== undefined ? Buffer.from(first).toString() : undefined;
  const bodies = isNamed ? pieces.slice(1) : pieces;
  const [only] = bodies;
  const body = bodies.length === 1 && only !== undefined ? only : Buffer.concat(bodies);
  return {
    signal,
    seq,
    rows,
    received,
    ...(dataset !== undefined && { dataset }),
    body,
    ...(packing && { packing }),
  };
}

/** @param salt of the segment: what a sender puts into a span must not pass for a frame */
export function encodeFrame(frame: Frame, salt: number): FrameBytes {
  const { signal, seq, rows, received, body, piece, packing } = frame;
  const header = Buffer.alloc(packing === undefined ? HEADER_BYTES : PACKED_HEADER_BYTES);
  MARK.copy(header);
  header.writeUInt32LE(body.byteLength, 8);
  header.writeUInt8(SIGNALS.indexOf(signal), 12);
  const coding = CODINGS.indexOf(packing?.coding) << CODING_BIT;
  header.writeUInt8((frame.goesOn ? GOES_ON : 0) | (frame.isNamed ? IS_NAMED : 0) | coding, 13);
  header.writeUInt16LE(piece, 14);
  header.writeUInt32LE(rows, 16);
  header.writeBigUInt64LE(BigInt(seq), 20);
  header.writeBigUInt64LE(BigInt(received), 28);
  if (packing !== undefined) header.writeUInt32LE(packing.unpackedBytes, HEADER_BYTES);
  header.writeUInt32LE(checksum(header, body, salt), 4);
  return [header, body];
}

/** What is in a segment. */
export interface FoundFrames {
  /** In order; their bodies are views on the segment. */
  readonly frames: readonly Frame[];
  /** Places between two frames where there should have been others. */
  readonly damaged: number;
  /** Bytes after the last frame: of one that was being written when the process ended, or damaged. */
  readonly tailBytes: number;
}

/**
 * Reads the frames that are whole, and goes on behind those that are not.
 * @param salt undefined where it is not known: frames are not checked then
 */
export function findFrames(bytes: Buffer, start: number, salt: number | undefined): FoundFrames {
  const frames: Frame[] = [];
  let damaged = 0;
  let end = start;
  for (let at = start; at >= 0; ) {
    const found = frameAt(bytes, at, salt);
    if (found === undefined) {
      at = bytes.indexOf(MARK, at + 1);
      continue;
    }
    if (at > end) damaged++;
    frames.push(found.frame);
    at = found.end;
    end = at;
  }
  return { frames, damaged, tailBytes: bytes.byteLength - end };
}

/** The frame that begins at a byte, and the byte after it. */
function frameAt(
  bytes: Buffer,
  at: number,
  salt: number | undefined,
): { readonly frame: Frame; readonly end: number } | undefined {
  if (at + HEADER_BYTES > bytes.byteLength || !MARK.equals(bytes.subarray(at, at + 4))) return undefined;
  const flags = bytes.readUInt8(at + 13);
  const coding = CODINGS[(flags >> CODING_BIT) & CODING_BITS];
  const from = at + (coding === undefined ? HEADER_BYTES : PACKED_HEADER_BYTES);
  const header = bytes.subarray(at, from);
  const length = header.readUInt32LE(8);
  const signal = SIGNALS[header.readUInt8(12)];
  const end = from + length;
  if (signal === undefined || length > FRAME_BYTES || end > bytes.byteLength) return undefined;
  const body = bytes.subarray(from, end);
  if (salt !== undefined && header.readUInt32LE(4) !== checksum(header, body, salt)) return undefined;
  const frame = {
    signal,
    goesOn: (flags & GOES_ON) !== 0,
    isNamed: (flags & IS_NAMED) !== 0,
    piece: header.readUInt16LE(14),
    rows: header.readUInt32LE(16),
    seq: Number(header.readBigUInt64LE(20)),
    received: Number(header.readBigUInt64LE(28)),
    ...(coding && { packing: { coding, unpackedBytes: header.readUInt32LE(HEADER_BYTES) } }),
    body,
  };
  return { frame, end };
}

function checksum(header: Buffer, body: Uint8Array, salt: number): number {
  return crc32(body, crc32(header.subarray(CHECKED_FROM), salt));
}
