import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { RpcStatus } from '@tandem/otlp';
import { encodeRpcStatus, RpcCode } from '@tandem/otlp';

/** Bytes before a message: the compression flag, and the message's length. */
export const PREFIX_BYTES = 5;
/** Compressions that a call may use. The answers are too small for compression. */
export const ACCEPTED_ENCODINGS = 'identity,gzip,deflate';
/** Longest message in characters: peers refuse headers over some KiB. */
const MAX_MESSAGE_CHARACTERS = 1000;

const HEADERS = {
  ':status': 200,
  'content-type': 'application/grpc',
  'grpc-accept-encoding': ACCEPTED_ENCODINGS,
} as const;

/** Whether a request is a call of gRPC, in protobuf. */
export function isGrpc({ ':method': method, 'content-type': type = '' }: IncomingHttpHeaders): boolean {
  return method === 'POST' && /^application\/grpc(\+proto)?\s*(;|$)/i.test(type);
}

/**
 * Answers a call with success
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
 * @param message the response, in protobuf
 */
export function answerCall(stream: ServerHttp2Stream, message: Uint8Array): void {
  if (stream.destroyed) return; // the sender is gone
  const frame = Buffer.alloc(PREFIX_BYTES + message.byteLength);
  frame.writeUInt32BE(message.byteLength, 1);
  frame.set(message, PREFIX_BYTES);
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(RpcCode.ok) }));
  stream.end(frame);
}

/** Answers a call with an error, also before the whole call has come. */
export function refuseCall(stream: ServerHttp2Stream, { message, ...status }: RpcStatus): void {
  if (stream.destroyed || stream.headersSent) return; // the sender is gone
  const text = message.slice(0, MAX_MESSAGE_CHARACTERS).toWellFormed();
  const details = Buffer.from(encodeRpcStatus({ ...status, message: text }, 'protobuf'));
  stream.respond(
    {
      ...HEADERS,
      'grpc-status': String(status.code),
      'grpc-message': percentEncode(text),
      'grpc-status-details-bin': details.toString('base64'),
    },
    { endStream: true },
  );
  // No error: the rest of the call is not wanted. Closing at once would reset the stream before the headers are sent, on
  // Node 26. The bytes that came must be read, or the stream stays.
  setImmediate(() => {
    if (!stream.destroyed) stream.close(constants.NGHTTP2_NO_ERROR);
  });
  stream.resume();
}

/** Answers an HTTP/2 request that is not a gRPC call. */
export function refuseRequest(stream: ServerHttp2Stream): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': 415, 'content-type': 'text/plain; charset=utf-8' });
  stream.end('This port takes OTLP over HTTP/1.1, or as gRPC with content-type application/grpc.\n');
}

/** Encodes all characters but printable ASCII, and `%` too. */
function percentEncode(text: string): string {
  return text.replace(/[^\x20-\x24\x26-\x7e]+/g, encodeURIComponent);
}
