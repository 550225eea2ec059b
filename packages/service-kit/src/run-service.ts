import type { Telemetry } from '@tandem/telemetry';
import { logMixin } from '@tandem/telemetry';
import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { ErrorReporter } from './process/error-reporter.ts';
import { createLogger } from './process/logger.ts';
import type { Drain } from './server/drain.ts';
import { BACKLOG, drainOf } from './server/drain.ts';
import type { ServerRuntime } from './server/server.ts';
import { explainStartFailure } from './settings/environment.ts';
import type { CommonSettings } from './settings/settings.ts';

/** Time from the signal until the last answer, in milliseconds. */
const CLOSE_TIMEOUT_MS = 6000;
/** The same after an uncaught error, which may have broken the data of open requests. */
const CLOSE_AFTER_ERROR_TIMEOUT_MS = 1000;
/** Time for the whole shutdown, including spans and error reports. `docker stop` kills after 10 s. */
const EXIT_TIMEOUT_MS = 9500;

/** The settings of every service with a port. */
type ProcessSettings = CommonSettings & { readonly port: number };

/**
 * Runs a service until a signal or an error.
 *
 * - SIGTERM and SIGINT: the service is not ready any more, takes what waits at its port and closes the port within a second,
 *   and answers what it has taken: by itself within six seconds, with 503 then. Spans are flushed, exit 0. A second signal ends
 *   the process at once.
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
  let drain: Drain | undefined;

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
    const close = async () => app?.close();
    const ended =
      err === undefined
        ? drain?.end(CLOSE_TIMEOUT_MS, close)
        : drain?.endAtOnce(CLOSE_AFTER_ERROR_TIMEOUT_MS, close);
    await ended?.catch((cause: unknown) =>
      logger?.error({ err: cause }, 'the service has not closed cleanly'),
    );
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
    drain = drainOf(app.server);
    await app.listen({ host: config.host, port: config.port, backlog: BACKLOG });
  } catch (error) {
    process.stderr.write(`${explainStartFailure(error)}\n`);
    await flush();
    process.exit(1);
  }
}
