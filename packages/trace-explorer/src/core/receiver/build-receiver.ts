import { once } from 'node:events';
import type { ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import Fastify, { LogController } from 'fastify';
import { REQUEST_TIMEOUT_MS, requestLimits } from '../../http/request-limits.ts';
import { serveCalls } from './grpc/serve-calls.ts';
import type { IntakeOptions } from './intake.ts';
import { Intake } from './intake.ts';
import type { OtlpReceiverOptions } from './otlp-receiver.ts';
import { otlpReceiver } from './otlp-receiver.ts';
import { switchProtocols } from './protocol-switch.ts';

export interface ReceiverOptions extends Omit<OtlpReceiverOptions, 'intake'>, IntakeOptions {
  /** Shared with other receivers of spans; default: a new intake. */
  readonly intake?: Intake;
  /** Default: no log. */
  readonly logger?: FastifyBaseLogger;
  /** Milliseconds a sender has for a whole request, and a third of them for its headers; default 30 s. */
  readonly requestTimeoutMs?: number;
}

/** Milliseconds that calls of gRPC under way have to be answered when the receiver closes. */
const CLOSE_TIMEOUT_MS = 2000;

/**
 * The receiver of OTLP, ready to `listen` (OTLP's port is 4318) or to be injected into. Each connection may speak HTTP or
 * gRPC without TLS.
 */
export async function buildReceiver(options: ReceiverOptions): Promise<FastifyInstance> {
  const requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const app = Fastify({
    ...(options.logger === undefined ? {} : { loggerInstance: options.logger }),
    // A line for each export would be most of the log.
    logController: new LogController({ disableRequestLogging: true }),
    ...requestLimits(requestTimeoutMs),
    // Applies after running requests were answered (see the plugin): open connections must not keep the process.
    forceCloseConnections: true,
  });
  const { access, intake = new Intake(options) } = options;
  takeGrpc(app, serveCalls({ intake, access, logger: app.log, requestTimeoutMs }), requestTimeoutMs / 3);
  await app.register(otlpReceiver, { intake, ...(access && { access }) });
  return app;
}

/**
 * Opens a further port of a receiver, for as many connections.
 * @returns the port, and a function that stops listening there: the receiver ends the connections
 * @throws Error of the system when the port is in use, or the host is not an address of this machine
 */
export async function openPort(receiver: FastifyInstance, host: string, port: number) {
  const server = createServer((socket) => receiver.server.emit('connection', socket));
  server.maxConnections = receiver.server.maxConnections;
  server.listen(port, host);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: async () => void server.close() };
}

/** Hands the connections of gRPC to its own server. */
function takeGrpc(app: FastifyInstance, calls: ReturnType<typeof serveCalls>, timeoutMs: number): void {
  const { server } = app;
  const takeHttp = server.listeners('connection');
  let hasWarnedOfTls = false;
  const byProtocol = switchProtocols((socket, protocol) => {
    if (protocol === 'http/2') calls.emit('connection', socket);
    else if (protocol === 'http/1') for (const take of takeHttp) take.call(server, socket);
    else {
      socket.destroy();
      // A TLS sender would show no answer. So the reason is logged, and only once.
      if (!hasWarnedOfTls) app.log.warn(TLS);
      hasWarnedOfTls = true;
    }
  }, timeoutMs);
  server.removeAllListeners('connection');
  server.on('connection', (socket) => byProtocol.accept(socket));
  const sessions = new Set<ServerHttp2Session>();
  calls.on('session', (session) => {
    sessions.add(session);
    // A sender that calls nothing must not keep its connection. A sender that has called may be silent between two exports.
    let isSilent = true;
    const end = () => {
      if (isSilent) session.destroy();
    };
    // A process that stood still has not read yet what waits.
    const silence = setTimeout(() => setImmediate(end), timeoutMs);
    session.once('stream', () => {
      isSilent = false;
      clearTimeout(silence);
    });
    session.on('close', () => {
      clearTimeout(silence);
      sessions.delete(session);
    });
    session.on('error', () => {}); // 'close' follows
  });
  app.addHook('preClose', async function endConnections() {
    byProtocol.close();
    for (const session of sessions) session.close();
    setTimeout(() => {
      for (const session of sessions) session.destroy();
    }, CLOSE_TIMEOUT_MS).unref();
  });
}

const TLS =
  'A sender speaks TLS, and the explorer does not: give the sender OTEL_EXPORTER_OTLP_INSECURE=true, or an OTEL_EXPORTER_OTLP_ENDPOINT that begins with http://.';
