import type { Readable } from 'node:stream';
import { Collected } from './collected.ts';
import { OtlpHttpError } from './http-error.ts';
import type { Share } from './room.ts';

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
  const collected = new Collected(maxBytes);
  return new Promise((resolve, reject) => {
    payload.on('data', onData);
    payload.on('end', onEnd);
    payload.on('error', onGone);
    payload.on('close', onGone);

    function onData(chunk: Buffer): void {
      const bytes = collected.byteLength + chunk.byteLength;
      if (bytes > maxBytes) refuse(OtlpHttpError.tooLarge(`the body is larger than ${maxBytes} bytes`));
      else if (!share.add(chunk.byteLength)) refuse(receivingTooMuch());
      else collected.add(chunk);
    }
    function onEnd(): void {
      stop();
      resolve(collected.take());
    }
    function onGone(error?: Error): void {
      if (error instanceof OtlpHttpError) refuse(error);
      else refuse(OtlpHttpError.badRequest('the connection ended before the body did'));
    }
    function refuse(error: OtlpHttpError): void {
      stop();
      collected.discard();
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
