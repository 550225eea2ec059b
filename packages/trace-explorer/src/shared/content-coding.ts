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
  readonly inPieces: (options: { readonly chunkSize: number }) => Transform;
  readonly atOnce: (body: Uint8Array, options: { maxOutputLength: number; chunkSize: number }) => Buffer;
}

const GZIP: Codec = { inPieces: createGunzip, atOnce: gunzipSync };
const ZLIB: Codec = { inPieces: createInflate, atOnce: inflateSync };
const RAW_DEFLATE: Codec = { inPieces: createInflateRaw, atOnce: inflateRawSync };
const ZSTD: Codec = { inPieces: createZstdDecompress, atOnce: zstdDecompressSync };

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
