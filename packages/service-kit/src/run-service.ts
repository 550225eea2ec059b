import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Telemetry } from '@tandem/telemetry';
import { logMixin } from '@tandem/telemetry';
import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { ErrorReporter } from './process/error-reporter.ts';
import { createLogger } from './process/logger.ts';
import type { ServerRuntime } from './server/server.ts';
import { BACKLOG, takeWaiting } from './server/take-waiting.ts';
import { explainStartFailure } from './settings/environment.ts';
import type { CommonSettings } from './settings/settings.ts';

/** Time for open requests to finish. */
const CLOSE_TIMEOUT_MS = 6000;
/** Time for open requests after an uncaught error, which may have broken their data. */
const CLOSE_AFTER_ERROR_TIMEOUT_MS = 1000;
/** Time for the whole shutdown, including spans and error reports. `docker stop` kills after 10 s. */
const EXIT_TIMEOUT_MS = 9500;

/** The settings of every service with a port. */
type ProcessSettings = CommonSettings & { readonly port: number };

/**
 * Runs a service until a signal or an error.
 *
 * - SIGTERM and SIGINT: the service is not ready any more, open requests finish, spans are flushed, exit 0. A second signal
 *   ends the process at once.
 * - An uncaught exception or rejection: a log line, open requests finish within 1 s or are cut, spans are flushed, exit 1.
 * - An error at the start: one line on standard error, exit 1.
 *
 * @param start builds the app from settings and runtime; the app's `onClose` hooks close the service's connections
 */
export async function runService<C extends ProcessSettings>(
  telemetry: Telemetry,
  readConfig: () => C,
  start: (config: C, runtime: Required<ServerRuntime>) => Promise<FastifyInstance>,
): Promise<void> {
  let stopping = false;
  let app: FastifyInstance | undefined;
  let reporter: ErrorReporter | undefined;
  let logger: Logger | undefined;
  const connections = new Set<Socket>();

  async function flush(): Promise<void> {
    await Promise.allSettled([telemetry.shutdown(), reporter?.flush()]);
    await new Promise<void>((written) => (logger === undefined ? written() : logger.flush(() => written())));
  }

  // Node turns an unhandled rejection into an uncaught exception, in the context of its request.
  const options: closeWithGrace.Options = {
    delay: EXIT_TIMEOUT_MS,
    logger: false,
    skip: ['unhandledRejection'],
  };
  closeWithGrace(options, async ({ err, signal }) => {
    stopping = true;
    if (err === undefined) {
      logger?.info({ signal }, `stopping: open requests finish first, within ${CLOSE_TIMEOUT_MS / 1000} s`);
    } else {
      logger?.fatal({ err }, 'uncaught error: the process ends');
      reporter?.report(err);
    }
    const limitMs = err === undefined ? CLOSE_TIMEOUT_MS : CLOSE_AFTER_ERROR_TIMEOUT_MS;
    if (err === undefined && app?.server.listening) await takeWaiting(app.server);
    const closed = app?.close();
    await Promise.race([closed, sleep(limitMs)]);
    // The span of a request that is cut ends with its connection.
    await Promise.all([...connections].map((socket) => once(socket.destroy(), 'close')));
    await closed;
    await flush();
  });

  try {
    const config = readConfig();
    logger = createLogger(config.logLevel, { mixin: logMixin });
    const { rollbarAccessToken: token } = config;
    if (token !== undefined)
      reporter = (await import('./process/error-reporter.ts')).createRollbarReporter(token, (sentence) =>
        logger?.warn(sentence),
      );
    app = await start(config, {
      logger,
      telemetry,
      reportError: (error) => reporter?.report(error),
      isStopping: () => stopping,
    });
    app.server.on('connection', (socket) => {
      connections.add(socket);
      socket.once('close', () => connections.delete(socket));
    });
    await app.listen({ host: config.host, port: config.port, backlog: BACKLOG });
  } catch (error) {
    process.stderr.write(`${explainStartFailure(error)}\n`);
    await flush();
    process.exit(1);
  }
}
