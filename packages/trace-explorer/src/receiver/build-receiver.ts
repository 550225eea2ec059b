import type { ServerHttp2Session } from 'node:http2';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import Fastify, { LogController } from 'fastify';
import { REQUEST_TIMEOUT_MS, requestLimits } from '../http/request-limits.ts';
import type { IntakeOptions } from './intake.ts';
import { Intake } from './intake.ts';
import type { OtlpReceiverOptions } from './otlp-receiver.ts';
import { otlpReceiver } from './otlp-receiver.ts';
import { ProtocolSwitch } from './protocol-switch.ts';
import { refuseGrpc } from './wrong-protocol.ts';

export interface ReceiverOptions extends Omit<OtlpReceiverOptions, 'intake'>, IntakeOptions {
  /** Shared with other receivers of spans; default: a new intake. */
  readonly intake?: Intake;
  /** Default: no log. */
  readonly logger?: FastifyBaseLogger;
  /** Milliseconds a sender has for a whole request, and a third of them for its headers; default 30 s. */
  readonly requestTimeoutMs?: number;
  /** The port of OTLP/gRPC, for the answer to senders of gRPC; undefined without such a port. */
  readonly grpcPort?: () => number | undefined;
}

/** The OTLP/HTTP server, ready to `listen` (OTLP's port is 4318) or to be injected into. */
export async function buildReceiver(options: ReceiverOptions): Promise<FastifyInstance> {
  const requestTimeout = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const app = Fastify({
    ...(options.logger === undefined ? {} : { loggerInstance: options.logger }),
    // A line for each export would be most of the log.
    logController: new LogController({ disableRequestLogging: true }),
    ...requestLimits(requestTimeout),
    // Applies after running requests were answered (see the plugin): open connections must not keep the process.
    forceCloseConnections: true,
  });
  turnGrpcAway(app, options.grpcPort, requestTimeout / 3);
  const { access, intake = new Intake(options) } = options;
  await app.register(otlpReceiver, { intake, ...(access && { access }) });
  return app;
}

/** Turns gRPC away with a sentence. HTTP/1 would answer with bytes that gRPC senders do not show. */
function turnGrpcAway(app: FastifyInstance, grpcPort: ReceiverOptions['grpcPort'], timeoutMs: number): void {
  const { server } = app;
  const stray = refuseGrpc(function whereGrpcIsTaken() {
    const port = grpcPort?.();
    return port === undefined
      ? 'This port speaks OTLP over HTTP, and OTLP over gRPC is switched off: set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, or for the trace explorer OTLP_GRPC_PORT=4317.'
      : `This port speaks OTLP over HTTP. Send OTLP over gRPC to port ${port}, or set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.`;
  });
  const takeHttp1 = server.listeners('connection');
  const byProtocol = new ProtocolSwitch((socket, protocol) => {
    if (protocol === 'http/2') stray.emit('connection', socket);
    else for (const take of takeHttp1) take.call(server, socket);
  }, timeoutMs);
  server.removeAllListeners('connection');
  server.on('connection', (socket) => byProtocol.accept(socket));
  // gRPC senders keep their connections open. An open connection would keep the server from closing.
  const sessions = new Set<ServerHttp2Session>();
  stray.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => {}); // 'close' follows
  });
  app.addHook('preClose', async function endStrayConnections() {
    byProtocol.close();
    for (const session of sessions) session.destroy();
  });
}
