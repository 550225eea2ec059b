import { setTimeout as sleep } from 'node:timers/promises';
import { logMixin } from '@tandem/telemetry';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { endGracefully } from '../process/end-gracefully.ts';
import { explainStartFailure } from '../process/explain-start-failure.ts';
import { createLogger, flushLogger } from '../process/logger.ts';
import { settlesWithin } from '../process/settles-within.ts';
import { stopListening } from '../server/stop-listening.ts';
import type { ErrorReporter } from './error-reporter.ts';
import { createRollbarReporter, noErrorReporter } from './error-reporter.ts';

/** Time for open requests to finish. */
const CLOSE_TIMEOUT_MS = 6000;
/** The same after an uncaught error, which may have broken what they work with. */
const CLOSE_AFTER_ERROR_TIMEOUT_MS = 1000;
/** Connections that were cut are closed, and the spans of their requests end, in the next turns of the event loop. */
const CUT_MS = 50;
/** Time for spans and error reports to be sent. */
const FLUSH_TIMEOUT_MS = 3000;
/** Time for the last lines to be written. */
const LOG_TIMEOUT_MS = 300;
/** All of them with a little room, below the 10 s after which `docker stop` kills. */
const EXIT_TIMEOUT_MS = CLOSE_TIMEOUT_MS + CUT_MS + FLUSH_TIMEOUT_MS + LOG_TIMEOUT_MS + 200;
/**
 * Connections that may wait to be taken. Past Node's default of 511, 0.3 s at 2,000 new ones per second, Linux drops
 * them and clients try again after 1 s, 3 s, 7 s: later than a 503 would be there.
 */
const BACKLOG = 4096;
/** Time for connections that wait in the kernel to be taken; what is left of CLOSE_TIMEOUT_MS is for their answers. */
const TAKE_LIMIT_MS = 3000;
/** How often a closing server looks for connections whose last answer was sent. */
const IDLE_CHECK_INTERVAL_MS = 20;

/** Settings that running a service needs; a service adds its own. */
export interface ProcessSettings {
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
  readonly rollbarAccessToken?: string | undefined;
}

/** What a service gets to build itself from. */
export interface ProcessParts<C> {
  readonly config: C;
  readonly logger: Logger;
  readonly reportError: (error: Error) => void;
  isStopping(): boolean;
}

export interface ServiceDefinition<C extends ProcessSettings> {
  /** The part of telemetry that a process must end before it exits. */
  readonly telemetry: { shutdown(): Promise<void> };
  readonly readConfig: () => C;
  /** Builds the app; its `onClose` hooks close what it opened. */
  readonly start: (parts: ProcessParts<C>) => Promise<FastifyInstance>;
}

/**
 * Runs a service until it is told to stop. SIGTERM and SIGINT: not ready any more, no new connections but those that
 * wait already, open requests finish, spans are flushed, exit 0; more signals meanwhile change nothing. An uncaught
 * exception or rejection: logged, open requests finish within 1 s or are cut, flushed within 3 s, exit 1. What keeps it
 * from starting (a setting, a port in use, a database that is away) is one line on standard error and exit 1.
 *
 * @example
 * await runService({
 *   telemetry, // of '@tandem/telemetry/register'
 *   readConfig,
 *   start: ({ config, logger, isStopping }) => buildApp({ ...config, logger, isStopping }),
 * });
 */
export async function runService<C extends ProcessSettings>(definition: ServiceDefinition<C>): Promise<void> {
  const { telemetry } = definition;
  let stopping = false;
  let app: FastifyInstance | undefined;
  let reporter: ErrorReporter = noErrorReporter;
  let logger: Logger | undefined;

  async function flush(): Promise<void> {
    await settlesWithin(Promise.allSettled([telemetry.shutdown(), reporter.flush()]), FLUSH_TIMEOUT_MS);
    if (logger !== undefined) await settlesWithin(flushLogger(logger), LOG_TIMEOUT_MS);
  }

  endGracefully(EXIT_TIMEOUT_MS, async ({ err, signal }) => {
    stopping = true;
    if (err === undefined) {
      logger?.info({ signal }, `stopping: open requests finish first, within ${CLOSE_TIMEOUT_MS / 1000} s`);
    } else {
      logger?.fatal({ err }, 'uncaught error: the process ends');
      reporter.report(err);
    }
    // First of all: the spans of requests that are answered while the last ones are flushed would be lost.
    const limitMs = err === undefined ? CLOSE_TIMEOUT_MS : CLOSE_AFTER_ERROR_TIMEOUT_MS;
    if (app !== undefined && !(await closeWithin(app, limitMs)))
      logger?.warn('open requests did not finish in time; their connections are cut');
    await flush();
  });

  try {
    const config = definition.readConfig();
    logger = createLogger(config.logLevel, { mixin: logMixin });
    if (config.rollbarAccessToken !== undefined)
      reporter = await createRollbarReporter(config.rollbarAccessToken);
    app = await definition.start({
      config,
      logger,
      reportError: (error) => reporter.report(error),
      isStopping: () => stopping,
    });
    await app.listen({ host: config.host, port: config.port, backlog: BACKLOG });
  } catch (error) {
    process.stderr.write(`${explainStartFailure(error)}\n`);
    await flush();
    process.exit(1);
  }
}

/** Closes the app, and cuts what does not finish in time. @returns whether all finished */
async function closeWithin(app: FastifyInstance, limitMs: number): Promise<boolean> {
  if (await settlesWithin(close(app), limitMs)) return true;
  app.server.closeAllConnections();
  await sleep(CUT_MS);
  return false;
}

/** Closes the app; a kept-alive connection is closed as soon as its last answer was sent, not when it times out. */
async function close(app: FastifyInstance): Promise<void> {
  await stopListening(app.server, TAKE_LIMIT_MS);
  const reaper = setInterval(() => app.server.closeIdleConnections(), IDLE_CHECK_INTERVAL_MS);
  await app.close().finally(() => clearInterval(reaper));
}
