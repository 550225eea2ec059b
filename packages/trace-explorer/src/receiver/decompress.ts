import type { Transform } from 'node:stream';
import {
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';
import { Collected } from './collected.ts';
import { OtlpHttpError } from './http-error.ts';
import { receivingTooMuch } from './read-body.ts';
import { SMALL_BYTES } from './room.ts';

/** What telemetry is compressed by, mostly, and the most that is believed. */
const USUAL_RATIO = 8;
const MAX_RATIO = 64;
/** Bytes of a body that is unpacked at once: the way to a thread of the pool and back would take longer. */
const MAX_PACKED_BYTES_AT_ONCE = 64 * 1024;
/** Of the length at the end of a gzip member (RFC 1952, section 2.3.1). */
const GZIP_SIZE_BYTES = 4;

/** Whether `decompress` knows the Content-Encoding. */
export function isSupportedCoding(contentEncoding: string | undefined): boolean {
  return ['', 'identity', 'gzip', 'x-gzip', 'deflate', 'zstd'].includes(normalise(contentEncoding));
}

/**
 * Undoes a Content-Encoding, that of a large body on a thread of the pool; stops as soon as the result exceeds `maxBytes`,
 * so that a small body cannot fill the memory.
 * @param hold told of bytes before they are kept; false when there is no room for them
 * @throws OtlpHttpError 413 when it is too large, 503 when there is no room, 400 when it is damaged or cut off
 */
export async function decompress(
  body: Buffer,
  contentEncoding: string | undefined,
  maxBytes: number,
  hold: (bytes: number) => boolean,
): Promise<Buffer> {
  const coding = normalise(contentEncoding);
  if (coding === '' || coding === 'identity') {
    if (!hold(body.byteLength)) throw receivingTooMuch();
    return body;
  }
  const codec = codecOf(coding, body);
  const expected = expectedBytes(coding, body);
  if (body.byteLength <= MAX_PACKED_BYTES_AT_ONCE && expected <= SMALL_BYTES) {
    const unpacked = unpackAtOnce(body, codec, Math.min(SMALL_BYTES, maxBytes), expected);
    if (unpacked !== undefined) {
      if (!hold(unpacked.byteLength)) throw receivingTooMuch();
      return unpacked;
    }
  }
  const options = { chunkSize: clamp(expected, 64 * 1024, 1024 * 1024) };
  try {
    return await unpack(body, codec.inPieces(options), maxBytes, hold);
  } catch (error) {
    if (error instanceof OtlpHttpError) throw error;
    throw OtlpHttpError.badRequest(
      `the body is not valid ${coding}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/**
 * About how many bytes a body becomes. zlib goes through the pool once per chunk, so a batch of spans should be one, without
 * a second one for the rest. Of gzip the last four bytes say how many they are; a body that lies there gains nothing.
 */
function expectedBytes(coding: string, body: Buffer): number {
  const { byteLength } = body;
  if (coding !== 'gzip' && coding !== 'x-gzip') return byteLength * USUAL_RATIO;
  if (byteLength < GZIP_SIZE_BYTES) return 0;
  // One more, or zlib would ask whether there is a rest.
  return Math.min(body.readUInt32LE(byteLength - GZIP_SIZE_BYTES) + 1, byteLength * MAX_RATIO);
}

/** A small body unpacked here; undefined when it becomes larger than it seemed, or is damaged. */
function unpackAtOnce(
  body: Buffer,
  { atOnce }: Codec,
  maxBytes: number,
  expected: number,
): Buffer | undefined {
  try {
    return atOnce(body, { maxOutputLength: maxBytes, chunkSize: clamp(expected, 1024, SMALL_BYTES) });
  } catch {
    return undefined;
  }
}

/** How a format is unpacked: piece by piece on a thread of the pool, or at once on this one. */
interface Codec {
  readonly inPieces: (options: { readonly chunkSize: number }) => Transform;
  readonly atOnce: (body: Buffer, options: { maxOutputLength: number; chunkSize: number }) => Buffer;
}

const GZIP: Codec = { inPieces: createGunzip, atOnce: gunzipSync };
const ZLIB: Codec = { inPieces: createInflate, atOnce: inflateSync };
const RAW_DEFLATE: Codec = { inPieces: createInflateRaw, atOnce: inflateRawSync };
const ZSTD: Codec = { inPieces: createZstdDecompress, atOnce: zstdDecompressSync };

function codecOf(coding: string, body: Buffer): Codec {
  // HTTP means zlib's format by deflate; some clients send it without zlib's header.
  if (coding === 'deflate') return hasZlibHeader(body) ? ZLIB : RAW_DEFLATE;
  return coding === 'zstd' ? ZSTD : GZIP;
}

function unpack(
  body: Buffer,
  decoder: Transform,
  maxBytes: number,
  hold: (bytes: number) => boolean,
): Promise<Buffer> {
  const collected = new Collected(maxBytes);
  return new Promise((resolve, reject) => {
    decoder.on('data', (piece: Buffer) => {
      if (collected.byteLength + piece.byteLength > maxBytes)
        decoder.destroy(
          OtlpHttpError.tooLarge(`the body is larger than ${maxBytes} bytes after decompression`),
        );
      else if (!hold(piece.byteLength)) decoder.destroy(receivingTooMuch());
      else collected.add(piece);
    });
    decoder.on('end', () => resolve(collected.take()));
    decoder.on('error', (error) => {
      collected.discard();
      reject(error);
    });
    decoder.end(body);
  });
}

function normalise(contentEncoding: string | undefined): string {
  return (contentEncoding ?? '').trim().toLowerCase();
}

/** RFC 1950: method 8, and the first two bytes a multiple of 31. */
function hasZlibHeader(body: Buffer): boolean {
  const [first = 0, second = 0] = body;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
