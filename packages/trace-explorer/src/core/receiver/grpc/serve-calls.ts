import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:http2';
import type { ExportSignal } from '@tandem/otlp';
import type { FastifyBaseLogger } from 'fastify';
import { Failure } from '../../failures.ts';
import type { Access } from '../../serve/access.ts';
import { otlpAnswer, toRpcStatus } from '../http-error.ts';
import type { Intake } from '../intake.ts';
import { takeExport } from '../otlp-receiver.ts';
import { answerCall, isGrpc, refuseCall, refuseRequest } from './answer.ts';
import { readMessage } from './read-message.ts';

export interface CallOptions {
  readonly intake: Intake;
  /** Decides which senders may call; without it everybody may. */
  readonly access?: Pick<Access, 'allows'> | undefined;
  readonly logger: FastifyBaseLogger;
  /** Milliseconds that a sender has for a whole message. */
  readonly requestTimeoutMs: number;
}

/** The signals by path: OTLP's three services have one method each. */
const SIGNALS: ReadonlyMap<string, ExportSignal> = new Map<string, ExportSignal>([
  ['/opentelemetry.proto.collector.trace.v1.TraceService/Export', 'traces'],
  ['/opentelemetry.proto.collector.logs.v1.LogsService/Export', 'logs'],
  ['/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', 'metrics'],
]);

/** Calls of one connection at a time. Further calls wait at their sender. */
const MAX_CALLS = 100;

/** An HTTP/2 server of OTLP's services (https://opentelemetry.io/docs/specs/otlp/#otlpgrpc). The caller gives it connections. */
export function serveCalls({ intake, access, logger, requestTimeoutMs }: CallOptions): Http2Server {
  const server = createServer({ settings: { maxConcurrentStreams: MAX_CALLS } });
  server.on('stream', (stream, headers) => void answer(stream, headers));
  return server;

  async function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    stream.on('error', () => {}); // the sender is gone, so there is no answer
    if (!isGrpc(headers)) return refuseRequest(stream);
    const left = new AbortController();
    stream.once('close', () => left.abort());
    try {
      if (access?.allows({ authorization: headers.authorization }) === false) {
        intake.refusedByToken += 1;
        throw new Failure('NO_TOKEN');
      }
      const signal = signalOf(headers[':path']);
      const message = readMessage(stream, headers, requestTimeoutMs);
      answerCall(stream, await takeExport(intake, signal, message, headers, left.signal));
    } catch (error) {
      if (otlpAnswer(error).statusCode === 503)
        logger.warn({ err: error }, 'the store did not take an export');
      refuseCall(stream, toRpcStatus(error));
    }
  }
}

/** @throws Failure that names the known methods */
function signalOf(path = ''): ExportSignal {
  const signal = SIGNALS.get(path);
  if (signal !== undefined) return signal;
  const known = [...SIGNALS.keys()].join(' and ');
  throw new Failure('UNIMPLEMENTED', `${path} is unknown here: this port takes OTLP over gRPC at ${known}`);
}
