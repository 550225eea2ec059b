import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { Http2Server } from 'node:http2';
import { createServer as createHttp2Server } from 'node:http2';
import { CONTENT_TYPES, encodeRpcStatus, encodingOf, RpcCode } from '@tandem/otlp';
import { isGrpc, refuseCall, refuseRequest } from './grpc/answer.ts';

/** Milliseconds without a byte after which the connection is ended. */
const IDLE_TIMEOUT_MS = 10_000;

/**
 * Answers every request of OTLP/HTTP with a Status that has `message`, in the encoding of the request. The reason
 * phrase has the message too, because Python's exporter shows nothing else of an answer.
 */
export function refuseHttp(message: () => string): Server {
  const server = createServer((request, response) => {
    const encoding = encodingOf(request.headers['content-type']) ?? 'json';
    const said = message();
    const body = encodeRpcStatus({ code: RpcCode.unimplemented, message: said }, encoding);
    request.resume();
    response.writeHead(400, said, { 'content-type': CONTENT_TYPES[encoding], connection: 'close' }).end(body);
  });
  return server.setTimeout(IDLE_TIMEOUT_MS);
}

/** Answers every call of gRPC with UNIMPLEMENTED, which senders do not repeat, and `message`. */
export function refuseGrpc(message: () => string): Http2Server {
  return createHttp2Server().on('stream', (stream, headers) => {
    stream.on('error', () => {}); // the sender is gone
    if (isGrpc(headers)) refuseCall(stream, { code: RpcCode.unimplemented, message: message() });
    else refuseRequest(stream, message());
  });
}
