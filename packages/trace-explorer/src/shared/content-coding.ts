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

/** How a body is packed, by its name in HTTP (RFC 9110, section 8.4.1; RFC 8878). */
export type ContentCoding = 'gzip' | 'deflate' | 'zstd';

/** How a format is unpacked: piece by piece on a thread of the pool, or at once on this one. */
export interface Codec {
  /** `bytesWritten` are the bytes that it has read when it ends. */
  readonly inPieces: (options: {
    readonly chunkSize: number;
  }) => Transform & { readonly bytesWritten: number };
  readonly atOnce: (body: Uint8Array, options: AtOnce) => Buffer;
  /** Where a body may be several frames (RFC 8878, section 3), of which Node reads the first: as many are unpacked. */
  readonly maxFrames?: number;
}

/** Bytes. */
interface AtOnce {
  readonly maxOutputLength: number;
  readonly chunkSize: number;
}

const GZIP: Codec = { inPieces: createGunzip, atOnce: gunzipSync };
const ZLIB: Codec = { inPieces: createInflate, atOnce: inflateSync };
const RAW_DEFLATE: Codec = { inPieces: createInflateRaw, atOnce: inflateRawSync };
const ZSTD: Codec = { inPieces: createZstdDecompress, atOnce: unpackFrames, maxFrames: 256 };

/** What unpacks a body. */
export function codecOf(coding: ContentCoding, body: Uint8Array): Codec {
  // HTTP means zlib's format by deflate; some clients send it without zlib's header.
  if (coding === 'deflate') return hasZlibHeader(body) ? ZLIB : RAW_DEFLATE;
  return coding === 'zstd' ? ZSTD : GZIP;
}

/** RFC 1950: method 8, and the first two bytes a multiple of 31. */
function hasZlibHeader(body: Uint8Array): boolean {
  const [first = 0, second = 0] = body;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}

/** @throws Error where a frame is damaged, or together they are larger than they may be */
function unpackFrames(body: Uint8Array, { maxOutputLength, chunkSize }: AtOnce): Buffer {
  const frames: Buffer[] = [];
  let left = maxOutputLength;
  for (let at = 0; at === 0 || at < body.byteLength; ) {
    if (frames.length === ZSTD.maxFrames || left < 0) throw new RangeError('too many frames, or too large');
    const options = { maxOutputLength: Math.max(left, 1), chunkSize, info: true };
    // Its types do not know `info`.
    const { buffer, engine } = zstdDecompressSync(body.subarray(at), options) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    frames.push(buffer);
    left -= buffer.byteLength;
    at += engine.bytesWritten;
  }
  const [only] = frames;
  return frames.length === 1 && only !== undefined ? only : Buffer.concat(frames);
}
