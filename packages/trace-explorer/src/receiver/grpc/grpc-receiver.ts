import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { Http2Server, ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import type { Access } from '../../access.ts';
import { REQUEST_TIMEOUT_MS } from '../../http/request-limits.ts';
import type { Intake } from '../intake.ts';
import type { Protocol } from '../protocol-switch.ts';
import { ProtocolSwitch } from '../protocol-switch.ts';
import { refuseHttp } from '../wrong-protocol.ts';
import { serveCalls } from './serve-calls.ts';

export interface GrpcReceiverOptions {
  readonly intake: Intake;
  /** Decides which senders may send; without it everybody may. */
  readonly access?: Pick<Access, 'allows'> | undefined;
  /** The port of OTLP/HTTP, for the answer to senders of HTTP. */
  readonly httpPort: number;
  /** Default: no log. */
  readonly logger?: FastifyBaseLogger;
  /** Milliseconds a sender has for a whole message; default 30 s. */
  readonly requestTimeoutMs?: number;
}

/** Milliseconds that calls under way have to be answered when the receiver closes. */
const CLOSE_TIMEOUT_MS = 2000;

/** OTLP/gRPC (https://opentelemetry.io/docs/specs/otlp/#otlpgrpc) without TLS, over HTTP/2. */
export class GrpcReceiver {
  /** The port that the receiver listens on. */
  port = 0;
  readonly #intake: Intake;
  readonly #logger: FastifyBaseLogger | undefined;
  readonly #calls: Http2Server;
  readonly #strayHttp: HttpServer;
  readonly #switch: ProtocolSwitch;
  readonly #server = createServer((socket) => this.#switch.accept(socket));
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #strays = new Set<Socket>();
  #hasWarnedOfTls = false;

  constructor(options: GrpcReceiverOptions) {
    const { intake, httpPort, access, logger, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
    this.#intake = intake;
    this.#logger = logger;
    const refusal = () =>
      `Port ${this.port} speaks OTLP over gRPC. Send OTLP/HTTP to http://localhost:${httpPort}, or set OTEL_EXPORTER_OTLP_PROTOCOL=grpc.`;
    this.#strayHttp = refuseHttp(refusal);
    this.#calls = serveCalls({ intake, access, logger, requestTimeoutMs, refusal });
    this.#calls.on('session', (session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
      session.on('error', () => {}); // 'close' follows
    });
    this.#switch = new ProtocolSwitch((...connection) => this.#take(...connection), requestTimeoutMs / 3);
  }

  /** @throws Error of the system when the port is in use, or the host is not an address of this machine */
  async listen(host: string, port: number): Promise<void> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** Takes no more calls, and answers running calls. Ends the open connections afterwards, or after 2 s. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const session of this.#sessions) session.close();
    this.#switch.close();
    for (const socket of this.#strays) socket.destroy();
    await this.#intake.idle();
    const late = setTimeout(() => {
      for (const session of this.#sessions) session.destroy();
    }, CLOSE_TIMEOUT_MS);
    await closed;
    clearTimeout(late);
  }

  #take(socket: Socket, protocol: Protocol): void {
    if (protocol === 'http/2') this.#calls.emit('connection', socket);
    else if (protocol === 'http/1') this.#refuseHttp(socket);
    else this.#refuseTls(socket);
  }

  #refuseHttp(socket: Socket): void {
    this.#strays.add(socket);
    socket.on('close', () => this.#strays.delete(socket));
    this.#strayHttp.emit('connection', socket);
  }

  /** A TLS sender would show no answer. So the reason is logged, and only once. */
  #refuseTls(socket: Socket): void {
    socket.destroy();
    if (this.#hasWarnedOfTls) return;
    this.#hasWarnedOfTls = true;
    this.#logger?.warn(
      `A sender speaks TLS to port ${this.port}, which takes OTLP over gRPC without it: give it OTEL_EXPORTER_OTLP_INSECURE=true, or OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:${this.port}.`,
    );
  }
}
