import { crc32 } from 'node:zlib';
import type { Signal } from '../export-request.ts';

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
  /** The request as OTLP protobuf. */
  readonly body: Uint8Array;
}

/** A piece of a record as it stands in a segment: whole records are one piece, large ones several. */
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
/** mark, checksum, body's length, signal, flags, piece, rows, seq, received */
const HEADER_BYTES = 36;
const CHECKED_FROM = 8;
const GOES_ON = 1;
const IS_NAMED = 2;
const SIGNALS: readonly Signal[] = ['traces', 'logs'];

/** The bytes of a frame, to be written one after the other. */
export type FrameBytes = readonly [header: Buffer, body: Uint8Array];

/** Cuts a record into frames. */
export function framesOf(record: JournalRecord): Frame[] {
  const { body, dataset, ...head } = record;
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
    });
  }
  return frames;
}

/** The record of a frame that is the last of its pieces. @param pieces bodies of all of them, in order */
export function recordOf(
  { signal, seq, rows, received, isNamed }: Frame,
  pieces: Uint8Array[],
): JournalRecord {
  const [first] = pieces;
  const dataset = isNamed && first !== undefined ? Buffer.from(first).toString() : undefined;
  const bodies = isNamed ? pieces.slice(1) : pieces;
  const [only] = bodies;
  const body = bodies.length === 1 && only !== undefined ? only : Buffer.concat(bodies);
  return { signal, seq, rows, received, ...(dataset !== undefined && { dataset }), body };
}

/** @param salt of the segment: what a sender puts into a span must not pass for a frame */
export function encodeFrame(frame: Frame, salt: number): FrameBytes {
  const { signal, seq, rows, received, body, piece } = frame;
  const header = Buffer.alloc(HEADER_BYTES);
  MARK.copy(header);
  header.writeUInt32LE(body.byteLength, 8);
  header.writeUInt8(SIGNALS.indexOf(signal), 12);
  header.writeUInt8((frame.goesOn ? GOES_ON : 0) | (frame.isNamed ? IS_NAMED : 0), 13);
  header.writeUInt16LE(piece, 14);
  header.writeUInt32LE(rows, 16);
  header.writeBigUInt64LE(BigInt(seq), 20);
  header.writeBigUInt64LE(BigInt(received), 28);
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

/** Reads the frames that are whole, and goes on behind those that are not. */
export function findFrames(bytes: Buffer, start: number, salt: number): FoundFrames {
  const frames: Frame[] = [];
  let damaged = 0;
  let end = start;
  for (let at = start; at >= 0; ) {
    const frame = frameAt(bytes, at, salt);
    if (frame === undefined) {
      at = bytes.indexOf(MARK, at + 1);
      continue;
    }
    if (at > end) damaged++;
    frames.push(frame);
    at += HEADER_BYTES + frame.body.byteLength;
    end = at;
  }
  return { frames, damaged, tailBytes: bytes.byteLength - end };
}

function frameAt(bytes: Buffer, at: number, salt: number): Frame | undefined {
  if (at + HEADER_BYTES > bytes.byteLength || !MARK.equals(bytes.subarray(at, at + 4))) return undefined;
  const header = bytes.subarray(at, at + HEADER_BYTES);
  const length = header.readUInt32LE(8);
  const signal = SIGNALS[header.readUInt8(12)];
  const from = at + HEADER_BYTES;
  if (signal === undefined || length > FRAME_BYTES || from + length > bytes.byteLength) return undefined;
  const body = bytes.subarray(from, from + length);
  if (header.readUInt32LE(4) !== checksum(header, body, salt)) return undefined;
  const flags = header.readUInt8(13);
  return {
    signal,
    goesOn: (flags & GOES_ON) !== 0,
    isNamed: (flags & IS_NAMED) !== 0,
    piece: header.readUInt16LE(14),
    rows: header.readUInt32LE(16),
    seq: Number(header.readBigUInt64LE(20)),
    received: Number(header.readBigUInt64LE(28)),
    body,
  };
}

function checksum(header: Buffer, body: Uint8Array, salt: number): number {
  return crc32(body, crc32(header.subarray(CHECKED_FROM), salt));
}
