import type { Readable, Transform } from 'node:stream';
import {
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import { OtlpHttpError } from './http-error.ts';

/** Milliseconds that a sender has for a whole request. */
export const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Reads a request's body, and counts it as it arrives: a length that was announced is no more than a claim, and a
 * chunked body announces none. What follows after a refusal is read and thrown away, so that the sender gets to see
 * the answer.
 * @throws OtlpHttpError 413 when it is larger than `maxBytes`, 503 when `share` has no room for it, 400 when it ends early;
 *   the one that `payload` fails with
 */
export function readBody(payload: Readable, maxBytes: number, share: Share): Promise<Buffer> {
  let chunks: Buffer[] = [];
  let byteLength = 0;
  return new Promise((resolve, reject) => {
    payload.on('data', onData);
    payload.on('end', onEnd);
    payload.on('error', onGone);
    payload.on('close', onGone);

    function onData(chunk: Buffer): void {
      byteLength += chunk.byteLength;
      if (byteLength > maxBytes) refuse(OtlpHttpError.tooLarge(`the body is larger than ${maxBytes} bytes`));
      else if (!share.add(chunk.byteLength)) refuse(receivingTooMuch());
      else chunks.push(chunk);
    }
    function onEnd(): void {
      stop();
      resolve(joined(chunks));
    }
    function onGone(error?: Error): void {
      if (error instanceof OtlpHttpError) refuse(error);
      else refuse(OtlpHttpError.badRequest('the connection ended before the body did'));
    }
    function refuse(error: OtlpHttpError): void {
      stop();
      chunks = [];
      payload.on('error', () => {});
      payload.resume();
      reject(error);
    }
    function stop(): void {
      payload.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
    }
  });
}

export function receivingTooMuch(): OtlpHttpError {
  return OtlpHttpError.unavailable('too much is being received at this moment', 1);
}

/** The bytes of some chunks. Many have memory of their own, which can be given back before the garbage collector does. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  const isSmall = chunks.length === 1 && first !== undefined && first.byteLength <= SMALL_BYTES;
  return isSmall ? first : Buffer.concat(chunks);
}

/** Bytes that a small holder has at most. */
export const SMALL_BYTES = 512 * 1024;
/** What is kept free for small holders, so that large ones do not shut them out; of a small room, a part of it. */
const MAX_RESERVED_BYTES = 16 * 1024 * 1024;
const RESERVED_SHARE = 1 / 6;

/** Counts bytes that are held in memory, and says when there is no room for more. */
export class Room {
  readonly #maxBytes: number;
  readonly #maxLargeBytes: number;
  #bytes = 0;
  #holders = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#maxLargeBytes = maxBytes - Math.min(MAX_RESERVED_BYTES, maxBytes * RESERVED_SHARE);
  }

  /** Whether `bytes` more would fit. What is alone always does: no body is refused for ever. */
  fits(bytes: number): boolean {
    return this.#holders === 0 || this.#bytes + bytes <= this.#maxFor(bytes);
  }

  /** A share of the room, empty at first. */
  enter(): Share {
    let held = 0;
    return {
      add: (bytes) => {
        const isAlone = this.#holders === (held > 0 ? 1 : 0);
        if (!isAlone && this.#bytes + bytes > this.#maxFor(held + bytes)) return false;
        if (held === 0 && bytes > 0) this.#holders++;
        held += bytes;
        this.#bytes += bytes;
        return true;
      },
      leave: () => {
        if (held > 0) this.#holders--;
        this.#bytes -= held;
        held = 0;
      },
    };
  }

  #maxFor(held: number): number {
    return held <= SMALL_BYTES ? this.#maxBytes : this.#maxLargeBytes;
  }
}

export interface Share {
  /** Holds more bytes; false when there is no room for them. */
  add(bytes: number): boolean;
  /** Gives everything back; more than once does no harm. */
  leave(): void;
}

/** What telemetry is compressed by, mostly, and the most that is believed. */
const USUAL_RATIO = 8;
const MAX_RATIO = 64;
/** Bytes of a body that is unpacked at once: the way to a thread of the pool and back would take longer. */
const MAX_PACKED_BYTES_AT_ONCE = 64 * 1024;
/** Of the length at the end of a gzip member (RFC 1952, section 2.3.1). */
const GZIP_SIZE_BYTES = 4;

/** Of Content-Encoding; undefined: the body is as it is. */
const CODINGS: ReadonlyMap<string, ContentCoding | undefined> = new Map([
  ['', undefined],
  ['identity', undefined],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['zstd', 'zstd'],
]);

/** Whether `codingOf` knows the Content-Encoding. */
export function isSupportedCoding(contentEncoding: string | undefined): boolean {
  return CODINGS.has(normalise(contentEncoding));
}

/** The coding that a Content-Encoding names; undefined when there is none to undo. @throws OtlpHttpError 415 for others */
export function codingOf(contentEncoding: string | undefined): ContentCoding | undefined {
  if (!isSupportedCoding(contentEncoding))
    throw OtlpHttpError.unsupported('Content-Encoding must be gzip, deflate, zstd or absent');
  return CODINGS.get(normalise(contentEncoding));
}

/**
 * Undoes a coding, that of a large body on a thread of the pool; stops as soon as the result exceeds `maxBytes`,
 * so that a small body cannot fill the memory.
 * @param hold told of bytes before they are kept; false when there is no room for them
 * @throws OtlpHttpError 413 when it is too large, 503 when there is no room, 400 when it is damaged or cut off
 */
export async function decompress(
  body: Buffer,
  coding: ContentCoding | undefined,
  maxBytes: number,
  hold: (bytes: number) => boolean,
): Promise<Buffer> {
  if (coding === undefined) {
    if (!hold(body.byteLength)) throw receivingTooMuch();
    return body;
  }
  const codec = codecOf(coding, body);
  const expected = expectedBytes(coding, body);
  const isSmall = body.byteLength <= MAX_PACKED_BYTES_AT_ONCE && expected <= SMALL_BYTES;
  if (isSmall && codec.atOnce !== undefined) {
    const unpacked = unpackAtOnce(body, codec.atOnce, Math.min(SMALL_BYTES, maxBytes), expected);
    if (unpacked !== undefined) {
      if (!hold(unpacked.byteLength)) throw receivingTooMuch();
      return unpacked;
    }
  }
  const options = { chunkSize: clamp(expected, 64 * 1024, 1024 * 1024) };
  const collected = { chunks: [] as Buffer[], byteLength: 0 };
  try {
    for (let at = 0, frames = 1; ; frames++) {
      at += await unpack(body.subarray(at), codec.inPieces(options), collected, maxBytes, hold);
      if (codec.maxFrames === undefined || at >= body.byteLength) return joined(collected.chunks);
      if (frames === codec.maxFrames) throw new Error(`it has more than ${frames} frames`);
    }
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
function expectedBytes(coding: ContentCoding, body: Buffer): number {
  const { byteLength } = body;
  if (coding !== 'gzip') return byteLength * USUAL_RATIO;
  if (byteLength < GZIP_SIZE_BYTES) return 0;
  // One more, or zlib would ask whether there is a rest.
  return Math.min(body.readUInt32LE(byteLength - GZIP_SIZE_BYTES) + 1, byteLength * MAX_RATIO);
}

/** A small body unpacked here; undefined when it becomes larger than it seemed, or is damaged. */
function unpackAtOnce(
  body: Buffer,
  atOnce: NonNullable<Codec['atOnce']>,
  maxBytes: number,
  expected: number,
): Buffer | undefined {
  try {
    return atOnce(body, { maxOutputLength: maxBytes, chunkSize: clamp(expected, 1024, SMALL_BYTES) });
  } catch {
    return undefined;
  }
}

/** Unpacks a body, or a frame at its beginning. Resolves with how many of its bytes that was. */
function unpack(
  body: Buffer,
  decoder: ReturnType<Codec['inPieces']>,
  collected: { readonly chunks: Buffer[]; byteLength: number },
  maxBytes: number,
  hold: (bytes: number) => boolean,
): Promise<number> {
  return new Promise((resolve, reject) => {
    decoder.on('data', (piece: Buffer) => {
      collected.byteLength += piece.byteLength;
      if (collected.byteLength > maxBytes)
        decoder.destroy(
          OtlpHttpError.tooLarge(`the body is larger than ${maxBytes} bytes after decompression`),
        );
      else if (!hold(piece.byteLength)) decoder.destroy(receivingTooMuch());
      else collected.chunks.push(piece);
    });
    decoder.on('end', () => resolve(decoder.bytesWritten));
    decoder.on('error', reject);
    decoder.end(body);
  });
}

function normalise(contentEncoding: string | undefined): string {
  return (contentEncoding ?? '').trim().toLowerCase();
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** How a body is packed, by its name in HTTP (RFC 9110, section 8.4.1; RFC 8878). */
type ContentCoding = 'gzip' | 'deflate' | 'zstd';

/** How a format is unpacked: piece by piece on a thread of the pool, or at once on this one. */
interface Codec {
  /** `bytesWritten` are the bytes that it has read when it ends. */
  readonly inPieces: (options: {
    readonly chunkSize: number;
  }) => Transform & { readonly bytesWritten: number };
  readonly atOnce?: (
    body: Uint8Array,
    options: { readonly maxOutputLength: number; readonly chunkSize: number },
  ) => Buffer;
  /** A body may be several frames (RFC 8878, section 3). Node reads one at a time. */
  readonly maxFrames?: number;
}

const GZIP: Codec = { inPieces: createGunzip, atOnce: gunzipSync };
const ZLIB: Codec = { inPieces: createInflate, atOnce: inflateSync };
const RAW_DEFLATE: Codec = { inPieces: createInflateRaw, atOnce: inflateRawSync };
const ZSTD: Codec = { inPieces: createZstdDecompress, maxFrames: 256 };

/** What unpacks a body. */
function codecOf(coding: ContentCoding, body: Uint8Array): Codec {
  // HTTP means zlib's format by deflate; some clients send it without zlib's header.
  if (coding === 'deflate') return hasZlibHeader(body) ? ZLIB : RAW_DEFLATE;
  return coding === 'zstd' ? ZSTD : GZIP;
}

/** RFC 1950: method 8, and the first two bytes a multiple of 31. */
function hasZlibHeader(body: Uint8Array): boolean {
  const [first = 0, second = 0] = body;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}
