import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Readable, TransformCallback } from 'node:stream';
import { Transform } from 'node:stream';
import { isSupportedCoding } from '../body.ts';
import { OtlpHttpError } from '../http-error.ts';
import type { IncomingBody } from '../intake.ts';
import { ACCEPTED_ENCODINGS, PREFIX_BYTES } from './answer.ts';

/**
 * The one message of a unary call, ready for the intake, which reads it. It fails with an OtlpHttpError when the call
 * ends early, goes on after the message, or takes too long to arrive.
 * @throws OtlpHttpError when there is no message, or it is compressed as nobody can undo
 */
export async function readMessage(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  timeoutMs: number,
): Promise<IncomingBody> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(tookTooLong()), timeoutMs);
  stream.once('close', () => clearTimeout(timer));
  const prefix = await readPrefix(stream, deadline.signal);
  const byteLength = prefix.readUInt32BE(1);
  return {
    encoding: 'protobuf',
    contentEncoding: contentEncodingOf(prefix[0], headers),
    announcedBytes: byteLength,
    payload: messageOf(stream, byteLength, deadline.signal),
  };
}

function readPrefix(stream: ServerHttp2Stream, deadline: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    stream.on('readable', read).on('end', end).on('close', end);
    deadline.addEventListener('abort', end);

    function read(): void {
      const prefix: Buffer | null = stream.read(PREFIX_BYTES);
      if (prefix === null) return;
      stop();
      if (prefix.byteLength === PREFIX_BYTES) resolve(prefix);
      else reject(endedEarly());
    }
    function end(): void {
      stop();
      reject(deadline.aborted ? deadline.reason : endedEarly());
    }
    function stop(): void {
      stream.off('readable', read).off('end', end).off('close', end);
      deadline.removeEventListener('abort', end);
    }
  });
}

function contentEncodingOf(flag: number | undefined, headers: IncomingHttpHeaders): string | undefined {
  if (flag === 0) return undefined;
  const encoding = String(headers['grpc-encoding'] ?? 'identity');
  if (flag !== 1) throw new OtlpHttpError(400, `a message's first byte is 0 or 1, and this one's is ${flag}`);
  if (encoding === 'identity')
    throw new OtlpHttpError(400, 'the message is marked as compressed, and grpc-encoding does not say how');
  if (!ACCEPTED_ENCODINGS.split(',').includes(encoding) || !isSupportedCoding(encoding))
    throw new OtlpHttpError(501, `grpc-encoding must be one of ${ACCEPTED_ENCODINGS}`);
  return encoding;
}

function messageOf(stream: ServerHttp2Stream, byteLength: number, deadline: AbortSignal): Readable {
  const message = new Message(byteLength);
  const end = () => message.destroy(deadline.reason);
  deadline.addEventListener('abort', end);
  message.once('close', () => deadline.removeEventListener('abort', end));
  stream.once('close', () => message.destroy(endedEarly()));
  message.on('error', () => {}); // also when nobody reads it any more
  return stream.pipe(message);
}

/** Passes a message on, and makes sure that it is as long as was announced. */
class Message extends Transform {
  readonly #announcedBytes: number;
  #bytes = 0;

  constructor(announcedBytes: number) {
    super();
    this.#announcedBytes = announcedBytes;
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#announcedBytes)
      done(new OtlpHttpError(400, 'Export takes one message, and this call has more'));
    else done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    done(this.#bytes < this.#announcedBytes ? endedEarly() : null);
  }
}

function endedEarly(): OtlpHttpError {
  return new OtlpHttpError(400, 'the call ended before its message did');
}

function tookTooLong(): OtlpHttpError {
  return new OtlpHttpError(408, 'the message took too long to arrive');
}
