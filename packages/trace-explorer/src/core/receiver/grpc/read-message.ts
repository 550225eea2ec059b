import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { PassThrough } from 'node:stream';
import { Failure } from '../../failures.ts';
import type { IncomingBody, PackedBody } from '../incoming-body.ts';
import { ACCEPTED_ENCODINGS, PREFIX_BYTES } from './answer.ts';

/**
 * The one message of a unary call, for the intake to read. Reading fails with a Failure when the call ends
 * early, goes on after the message, takes too long to arrive, or has an unknown compression.
 */
export function readMessage(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  timeoutMs: number,
): IncomingBody {
  const payload = stream.pipe(new PassThrough());
  const late = new Failure('TOO_LATE', 'the message took too long to arrive');
  const timer = setTimeout(() => payload.destroy(late), timeoutMs);
  payload.once('close', () => clearTimeout(timer));
  payload.on('error', () => {}); // also after the reading has ended
  stream.once('close', () => payload.destroy(endedEarly()));
  return { encoding: 'protobuf', payload, unframe: (came) => unframed(came, headers) };
}

/** The message without its prefix, which has the compression flag and the length. @throws Failure */
function unframed(came: Buffer, headers: IncomingHttpHeaders): PackedBody {
  if (came.byteLength < PREFIX_BYTES) throw endedEarly();
  const contentEncoding = contentEncodingOf(came[0], headers);
  const [bytes, announcedBytes] = [came.subarray(PREFIX_BYTES), came.readUInt32BE(1)];
  if (bytes.byteLength < announcedBytes) throw endedEarly();
  if (bytes.byteLength > announcedBytes)
    throw new Failure('UNREADABLE', 'Export takes one message, and this call has more');
  return { bytes, contentEncoding };
}

function contentEncodingOf(flag: number | undefined, headers: IncomingHttpHeaders): string | undefined {
  if (flag === 0) return undefined;
  const encoding = String(headers['grpc-encoding'] ?? 'identity');
  if (flag !== 1)
    throw new Failure('UNREADABLE', `a message's first byte is 0 or 1, and this one's is ${flag}`);
  if (encoding === 'identity')
    throw new Failure(
      'UNREADABLE',
      'the message says that it is compressed, and grpc-encoding does not say how',
    );
  if (!ACCEPTED_ENCODINGS.split(',').includes(encoding))
    throw new Failure('UNIMPLEMENTED', `grpc-encoding must be one of ${ACCEPTED_ENCODINGS}`);
  return encoding;
}

function endedEarly(): Failure {
  return new Failure('UNREADABLE', 'the call ended before its message did');
}
