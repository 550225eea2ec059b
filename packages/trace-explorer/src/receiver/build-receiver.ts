import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import Fastify, { LogController } from 'fastify';
import type { IntakeOptions } from './intake.ts';
import { Intake } from './intake.ts';
import type { OtlpReceiverOptions } from './otlp-receiver.ts';
import { otlpReceiver } from './otlp-receiver.ts';

export interface ReceiverOptions extends Omit<OtlpReceiverOptions, 'intake'>, IntakeOptions {
  /** Shared with others who take spans; default: one of its own. */
  readonly intake?: Intake;
  /** Default: no log. */
  readonly logger?: FastifyBaseLogger;
  /** Milliseconds a sender has for a whole request, and a third of them for its headers; default 30 s. */
  readonly requestTimeoutMs?: number;
}

/** The OTLP/HTTP server, ready to `listen` (OTLP's port is 4318) or to be injected into. */
export async function buildReceiver(options: ReceiverOptions): Promise<FastifyInstance> {
  const requestTimeout = options.requestTimeoutMs ?? 30_000;
  const app = Fastify({
    ...(options.logger === undefined ? {} : { loggerInstance: options.logger }),
    // A line for each export would be most of the log.
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout,
    http: {
      headersTimeout: requestTimeout / 3,
      connectionsCheckingInterval: Math.min(requestTimeout / 3, 5_000),
    },
    // After what is under way was answered (see the plugin); senders' open connections must not keep the process.
    forceCloseConnections: true,
  });
  const { allowOrigin, access, intake = new Intake(options) } = options;
  await app.register(otlpReceiver, {
    intake,
    ...(allowOrigin && { allowOrigin }),
    ...(access && { access }),
  });
  return app;
}
