import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { ConfigError } from '../config/config-error.ts';
import { isDatabaseUnavailable } from '../database/unavailable.ts';
import type { ErrorReporter } from './error-reporter.ts';
import { createRollbarReporter, noErrorReporter } from './error-reporter.ts';
import { createLogger, flushLogger } from './logger.ts';

/** Settings that running a service needs; its own come with them. */
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

const CLOSE_TIMEOUT = 6000; // milliseconds for open requests to finish
const FLUSH_TIMEOUT = 3000; // milliseconds for spans and error reports to be sent
const IDLE_CHECK_INTERVAL = 20; // milliseconds
const LOG_TIMEOUT = 300; // milliseconds for the last lines to be written
/** All, with a little room: under the 10 s that `docker stop` and Kubernetes-like platforms grant at the least. */
const EXIT_TIMEOUT = CLOSE_TIMEOUT + FLUSH_TIMEOUT + LOG_TIMEOUT + 200;

/**
 * Runs a service until it is told to stop. SIGTERM and SIGINT: not ready any more, no new connections, open requests
 * finish, spans are flushed, exit 0. An uncaught exception or rejection: logged, flushed within 3 s, exit 1. What
 * keeps it from starting (a setting, a port in use, a database that is away) is one line on standard error and exit 1.
 */
export async function runService<C extends ProcessSettings>(definition: ServiceDefinition<C>): Promise<void> {
  const { telemetry } = definition;
  let stopping = false;
  let app: FastifyInstance | undefined;
  let reporter: ErrorReporter = noErrorReporter;
  let logger: Logger | undefined;

  async function flush(): Promise<void> {
    await within(FLUSH_TIMEOUT, Promise.allSettled([telemetry.shutdown(), reporter.flush()]));
    if (logger !== undefined) await within(LOG_TIMEOUT, flushLogger(logger));
  }

  closeWithGrace({ delay: EXIT_TIMEOUT, logger: false }, async ({ err, signal }) => {
    stopping = true;
    if (err === undefined) {
      logger?.info({ signal }, 'stopping: open requests finish first');
      if (app !== undefined && !(await within(CLOSE_TIMEOUT, close(app)))) {
        logger?.warn('open requests did not finish in time; their connections are cut');
      }
    } else {
      logger?.fatal({ err }, 'uncaught error: the process ends');
      reporter.report(err);
    }
    await flush();
  });

  try {
    const config = definition.readConfig();
    logger = createLogger(config.logLevel);
    if (config.rollbarAccessToken !== undefined)
      reporter = await createRollbarReporter(config.rollbarAccessToken);
    app = await definition.start({
      config,
      logger,
      reportError: (error) => reporter.report(error),
      isStopping: () => stopping,
    });
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    process.stderr.write(`${explainStartFailure(error)}\n`);
    await flush();
    process.exit(1);
  }
}

/** Closes the app; a kept-alive connection is closed as soon as its last answer is out, not when it times out. */
async function close(app: FastifyInstance): Promise<void> {
  const reaper = setInterval(() => app.server.closeIdleConnections(), IDLE_CHECK_INTERVAL);
  await app.close().finally(() => clearInterval(reaper));
}

/** Resolves true when `work` settles within `milliseconds`, else false. Its failure counts as settled. */
async function within(milliseconds: number, work: PromiseLike<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  const done = Promise.resolve(work).then(
    () => true,
    () => true,
  );
  const settled = await Promise.race([done, timeout]);
  clearTimeout(timer);
  return settled;
}

/** One readable line; a stack only where the cause is not known. */
function explainStartFailure(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  if (code?.startsWith('ERR_PARSE_ARGS')) return error.message;
  if (code === 'EADDRINUSE')
    return `Port ${port} on ${address} is already in use; stop what uses it, or set PORT.`;
  if (syscall === 'listen' || syscall === 'bind') return `${error.message}; see HOST and PORT.`;
  if (syscall === 'connect')
    return `The database at ${address}:${port} does not answer (${code}); see DATABASE_URL.`;
  if (syscall === 'getaddrinfo') return `${error.message}; see HOST and DATABASE_URL.`;
  if (syscall !== undefined) return `${error.message}; see DATA_DIR.`;
  if ('errcode' in error) return `The database cannot be opened: ${error.message}; see DATA_DIR.`;
  if ('severity' in error || isDatabaseUnavailable(error))
    return `The database refused: ${error.message}; see DATABASE_URL.`;
  return error.stack ?? error.message;
}
