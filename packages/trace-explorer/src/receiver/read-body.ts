import type { Readable } from 'node:stream';
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
export function joined(chunks: readonly Buffer[]): Buffer {
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
