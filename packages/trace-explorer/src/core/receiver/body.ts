import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { ZlibOptions } from 'node:zlib';
import { gunzip, inflate, zstdDecompress } from 'node:zlib';
import { Failure } from '../failures.ts';
import { zstdFrameEnd } from './zstd-frame.ts';

/**
 * Reads a request's body, and counts the bytes as they arrive: an announced length may be wrong, and a chunked body
 * announces none. After a refusal the rest of the body is read and thrown away, so that the sender gets to see
 * the answer.
 * @throws Failure 413 when the body exceeds `maxBytes`, 503 when `share` has no room, 400 for an early end;
 * the error of `payload`
 */
export function readBody(payload: Readable, maxBytes: number, share: Reservation): Promise<Buffer> {
  let chunks: Buffer[] = [];
  let byteLength = 0;
  return new Promise((resolve, reject) => {
    payload.on('data', onData);
    payload.on('end', onEnd);
    payload.on('error', onGone);
    payload.on('close', onGone);

    function onData(chunk: Buffer): void {
      byteLength += chunk.byteLength;
      if (byteLength > maxBytes)
        refuse(new Failure('TOO_LARGE', `the body is larger than ${maxBytes} bytes`));
      else if (!share.add(chunk.byteLength)) refuse(receivingTooMuch());
      else chunks.push(chunk);
    }
    function onEnd(): void {
      stop();
      resolve(Buffer.concat(chunks));
    }
    function onGone(error?: Error): void {
      if (error instanceof Failure) refuse(error);
      else refuse(new Failure('UNREADABLE', 'the connection ended before the body did'));
    }
    function refuse(error: Failure): void {
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

export function receivingTooMuch(): Failure {
  return new Failure('RECEIVING_TOO_MUCH');
}

/** Bytes of a small body. */
export const SMALL_BYTES = 512 * 1024;
/** The share of the room that large bodies may fill. The rest is for small ones, which never wait for large ones to go. */
const LARGE_SHARE = 7 / 8;

/** Counts bytes in memory, and refuses bytes that have no room. */
export class ByteBudget {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether `bytes` more would fit beside `own`. A single body always fits, so that each body gets its turn. */
  fits(bytes: number, own = 0): boolean {
    const share = own + bytes > SMALL_BYTES ? LARGE_SHARE : 1;
    return this.#bytes === own || this.#bytes + bytes <= this.#maxBytes * share;
  }

  /** A share of the room, empty at first. */
  enter(): Reservation {
    let held = 0;
    return {
      add: (bytes) => {
        if (!this.fits(bytes, held)) return false;
        held += bytes;
        this.#bytes += bytes;
        return true;
      },
      leave: () => {
        this.#bytes -= held;
        held = 0;
      },
    };
  }
}

export interface Reservation {
  /** Holds more bytes; false when there is no room for them. */
  add(bytes: number): boolean;
  /** Gives all bytes back. A second call does no harm. */
  leave(): void;
}

/** The usual compression ratio of telemetry, and the highest believable ratio. */
const USUAL_RATIO = 8;
const MAX_RATIO = 64;
/** Bytes of the length at the end of a gzip member (RFC 1952, section 2.3.1). */
const GZIP_SIZE_BYTES = 4;
/** zlib goes through the thread pool once per chunk. */
const [MIN_CHUNK_BYTES, MAX_CHUNK_BYTES] = [1024, 1024 * 1024];
/** A zstd body may be several frames (RFC 8878, section 3). Node 24 reads one at a time, Node 26 all. */
const MAX_FRAMES = 256;

/** Codings by the name in Content-Encoding; undefined for a body without a coding. */
const CODINGS: ReadonlyMap<string, ContentCoding | undefined> = new Map([
  ['', undefined],
  ['identity', undefined],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['zstd', 'zstd'],
]);

/** The coding that a Content-Encoding names; undefined for no coding. @throws Failure 415 for unknown ones */
export function codingOf(contentEncoding: string | undefined): ContentCoding | undefined {
  const name = (contentEncoding ?? '').trim().toLowerCase();
  if (!CODINGS.has(name))
    throw new Failure('UNKNOWN_FORM', 'Content-Encoding must be gzip, deflate, zstd or absent');
  return CODINGS.get(name);
}

/**
 * Undoes a coding, on a thread of the pool.
 * @throws Failure 413 when the result exceeds `maxBytes`, 400 when the body is damaged or cut off
 */
export async function decompress(
  body: Buffer,
  coding: ContentCoding | undefined,
  maxBytes: number,
): Promise<Buffer> {
  if (coding === undefined) return body;
  const chunkSize = Math.min(Math.max(expectedBytes(body, coding), MIN_CHUNK_BYTES), MAX_CHUNK_BYTES);
  const unpack = UNPACK[coding];
  const frames: Buffer[] = [];
  let byteLength = 0;
  try {
    for (let at = 0; at < body.byteLength; ) {
      if (frames.length === MAX_FRAMES) throw new Error(`it has more than ${MAX_FRAMES} frames`);
      const end = coding === 'zstd' ? zstdFrameEnd(body, at) : body.byteLength;
      const options = { chunkSize, maxOutputLength: Math.max(1, maxBytes - byteLength) };
      const frame = await unpack(body.subarray(at, end), options);
      frames.push(frame);
      byteLength += frame.byteLength;
      if (byteLength > maxBytes) throw new RangeError('too large');
      at = end;
    }
  } catch (error) {
    if (error instanceof RangeError)
      throw new Failure('TOO_LARGE', `the body is larger than ${maxBytes} bytes after decompression`);
    throw new Failure(
      'UNREADABLE',
      `the body is not valid ${coding}: ${error instanceof Error ? error.message : error}`,
    );
  }
  return frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
}

/** Estimates the bytes of the unpacked body. In gzip the last four bytes have the number. */
export function expectedBytes(body: Buffer, coding: ContentCoding | undefined): number {
  const { byteLength } = body;
  if (coding === undefined) return byteLength;
  if (coding !== 'gzip' || byteLength < GZIP_SIZE_BYTES) return byteLength * USUAL_RATIO;
  // One byte more, or zlib would look for a rest.
  return Math.min(body.readUInt32LE(byteLength - GZIP_SIZE_BYTES) + 1, byteLength * MAX_RATIO);
}

/** Compression of a body, by its name in HTTP (RFC 9110, section 8.4.1; RFC 8878). */
export type ContentCoding = 'gzip' | 'deflate' | 'zstd';

type Unpack = (body: Uint8Array, options: ZlibOptions) => Promise<Buffer>;

/** In HTTP, deflate means zlib's format. */
const UNPACK: Readonly<Record<ContentCoding, Unpack>> = {
  gzip: promisify(gunzip) as Unpack,
  deflate: promisify(inflate) as Unpack,
  zstd: promisify(zstdDecompress) as Unpack,
};
