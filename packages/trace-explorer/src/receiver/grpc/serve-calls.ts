import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:http2';
import type { RpcStatus } from '@tandem/otlp';
import { RpcCode } from '@tandem/otlp';
import type { FastifyBaseLogger } from 'fastify';
import type { Access } from '../../access.ts';
import { toHttpError, toRpcStatus, unauthenticated } from '../http-error.ts';
import type { Intake } from '../intake.ts';
import { answerCall, isGrpc, refuseCall, refuseRequest } from './answer.ts';
import { timeoutOf } from './grpc-timeout.ts';
import { readMessage } from './read-message.ts';
import { methodOf } from './services.ts';

export interface CallOptions {
  readonly intake: Intake;
  /** Decides which senders may call; without it everybody may. */
  readonly access?: Pick<Access, 'allows'> | undefined;
  readonly logger?: FastifyBaseLogger | undefined;
  /** Milliseconds that a sender has for a whole message. */
  readonly requestTimeoutMs: number;
  /** The message for a request that is no gRPC call. */
  readonly refusal: () => string;
}

const LATE: RpcStatus = {
  code: RpcCode.deadlineExceeded,
  message:
    'The time that the sender gave (grpc-timeout) is over; what had come by then is stored. OTEL_EXPORTER_OTLP_TIMEOUT at the sender gives more.',
};

/** Calls of one connection at a time. Further calls wait at their sender. */
const MAX_CALLS = 100;

/** An HTTP/2 server of OTLP's services. The caller gives it connections. */
export function serveCalls(options: CallOptions): Http2Server {
  const { intake, access, logger, requestTimeoutMs, refusal } = options;
  const server = createServer({ settings: { maxConcurrentStreams: MAX_CALLS } });
  server.on('stream', (stream, headers) => void answer(stream, headers));
  return server;

  async function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    stream.on('error', () => {}); // the sender is gone, so there is no answer
    if (!isGrpc(headers)) return refuseRequest(stream, refusal());
    const timeoutMs = timeoutOf(headers['grpc-timeout']);
    const deadline =
      timeoutMs === undefined ? undefined : setTimeout(() => refuseCall(stream, LATE), timeoutMs);
    stream.once('close', () => clearTimeout(deadline));
    try {
      if (access?.allows({ authorization: headers.authorization }) === false) throw unauthenticated();
      const method = methodOf(headers[':path']);
      const message = readMessage(stream, headers, requestTimeoutMs);
      answerCall(stream, await method(message, intake, headers));
    } catch (error) {
      if (toHttpError(error).statusCode === 503)
        logger?.warn({ err: error }, 'an export could not be stored');
      refuseCall(stream, toRpcStatus(error));
    }
  }
}
