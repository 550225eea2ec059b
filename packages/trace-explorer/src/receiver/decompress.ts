import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { OtlpHttpError } from './http-error.ts';

const gunzip = promisify(zlib.gunzip);
const inflate = promisify(zlib.inflate);
const inflateRaw = promisify(zlib.inflateRaw);
const zstdDecompress = promisify(zlib.zstdDecompress);

/** Whether `decompress` knows the Content-Encoding. */
export function isSupportedCoding(contentEncoding: string | undefined): boolean {
  return ['', 'identity', 'gzip', 'x-gzip', 'deflate', 'zstd'].includes(normalise(contentEncoding));
}

/**
 * Undoes a Content-Encoding on a thread of the pool; stops as soon as the result exceeds `maxBytes`, so that
 * a small body cannot fill the memory.
 * @throws OtlpHttpError 413 when it is too large, 400 when it is damaged or cut off
 */
export async function decompress(
  body: Buffer,
  contentEncoding: string | undefined,
  maxBytes: number,
): Promise<Buffer> {
  const coding = normalise(contentEncoding);
  if (coding === '' || coding === 'identity') return body;
  // zlib goes through the pool once per chunk: with the default of 16 KiB a batch of spans would take a dozen turns.
  const options = {
    maxOutputLength: maxBytes,
    chunkSize: clamp(body.byteLength * 8, 64 * 1024, 1024 * 1024),
  };
  try {
    switch (coding) {
      case 'deflate':
        // HTTP means zlib's format; some clients send it without zlib's header.
        return await (hasZlibHeader(body) ? inflate(body, options) : inflateRaw(body, options));
      case 'zstd':
        return await zstdDecompress(body, options);
      default:
        return await gunzip(body, options);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw OtlpHttpError.tooLarge(`the body is larger than ${maxBytes} bytes after decompression`);
    }
    throw OtlpHttpError.badRequest(
      `the body is not valid ${coding}: ${error instanceof Error ? error.message : error}`,
    );
  }
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
