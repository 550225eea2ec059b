import type { Transform } from 'node:stream';
import { createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { Collected } from './collected.ts';
import { OtlpHttpError } from './http-error.ts';
import { receivingTooMuch } from './read-body.ts';

/** Whether `decompress` knows the Content-Encoding. */
export function isSupportedCoding(contentEncoding: string | undefined): boolean {
  return ['', 'identity', 'gzip', 'x-gzip', 'deflate', 'zstd'].includes(normalise(contentEncoding));
}

/**
 * Undoes a Content-Encoding on a thread of the pool; stops as soon as the result exceeds `maxBytes`, so that
 * a small body cannot fill the memory.
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
  // zlib goes through the pool once per chunk: with the default of 16 KiB a batch of spans would take a dozen turns.
  const options = { chunkSize: clamp(body.byteLength * 8, 64 * 1024, 1024 * 1024) };
  try {
    return await unpack(body, decoderOf(coding, body, options), maxBytes, hold);
  } catch (error) {
    if (error instanceof OtlpHttpError) throw error;
    throw OtlpHttpError.badRequest(
      `the body is not valid ${coding}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function decoderOf(coding: string, body: Buffer, options: { readonly chunkSize: number }): Transform {
  // HTTP means zlib's format by deflate; some clients send it without zlib's header.
  if (coding === 'deflate') return hasZlibHeader(body) ? createInflate(options) : createInflateRaw(options);
  return coding === 'zstd' ? createZstdDecompress(options) : createGunzip(options);
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
