import { isIP } from 'node:net';
import { join } from 'node:path';
import { connectionLimit, drainOf } from '@tandem/service-kit/http';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { buildExplorer } from './app.ts';
import type { Config } from './core/config.ts';
import type { NodePart, RunningExplorer } from './core/door/node.ts';
import { ListenError } from './core/explain-failure.ts';
import { writeLive } from './core/live-explorers.ts';
import { pageBundle } from './core/page-server/bundle.ts';
import { buildReceiver, openPort } from './core/receiver/build-receiver.ts';
import { Intake } from './core/receiver/intake.ts';
import type { Tee } from './core/receiver/tee.ts';
import { createAccess } from './core/serve/access.ts';
import { openStore } from './core/store/store.ts';
import { nodeParts } from './parts.node.ts';

/** The page's server, and the servers of OTLP over HTTP and over gRPC. */
const SERVERS = 3;
/** Milliseconds until the page is bundled, if nobody opens it before. The explorer of a short `run` has ended by then. */
const BUNDLE_AFTER_MS = 5_000;
/** Milliseconds that reads have to end when the explorer stops. */
const READING_MS = 2_000;
/** Milliseconds that all requests have to be answered then: the store needs the others of its nine seconds. */
const ANSWERING_MS = 3_000;

/**
 * Opens the store, then starts the receivers and the page's server.
 * @throws ListenError naming the variable, or the store's own error; nothing is left open
 */
export async function startExplorer(
  config: Config,
  logger: FastifyBaseLogger,
  parts: readonly NodePart[] = nodeParts,
): Promise<RunningExplorer> {
  const { storeDirectory: directory, maxBytes, maxAgeMs, host, allowedHosts } = config;
  const store = await openStore({
    directory,
    maxBytes,
    maxAgeMs,
    onFailure: (task, error) => logger.error({ err: error }, `the store's ${task} failed`),
    onLost: (sentence) => logger.error(sentence),
    onReopened: () => logger.info('the store has reopened its files, with all rows of its journal'),
  });
  const open: { close(): PromiseLike<unknown> }[] = [store];
  const servers: typeof open = [];
  const stop = async () => {
    const late = setTimeout(() => void store.endReads(), READING_MS).unref();
    await Promise.all(servers.splice(0).map((each) => each.close()));
    await Promise.all(open.splice(0).map((part) => part.close()));
    clearTimeout(late);
  };
  try {
    let tee: Tee | undefined;
    for (const each of parts) tee ??= await each.tee?.(config, logger);
    if (tee !== undefined) open.push(tee);
    const intake = new Intake({ store, tee });
    const access = config.token === undefined ? undefined : createAccess(config.token);
    const receiver = await buildReceiver({ store, intake, logger, ...(access && { access }) });
    const endReceiver = endOf(receiver);
    servers.push({ close: () => Promise.all([intake.close(), endReceiver()]) });
    const otlpPort = await listen(receiver, host, config.otlpPort, 'OTLP_PORT');
    let otlpGrpcPort: number | undefined;
    if (config.otlpGrpcPort !== undefined) {
      const further = await listenBeside(receiver, host, config.otlpGrpcPort);
      servers.push(further);
      otlpGrpcPort = further.port;
    }
    await tee?.begin([otlpPort, otlpGrpcPort]);
    const explorer = await buildExplorer({
      store,
      intake,
      parts,
      logger,
      allowedHosts: [...allowedHosts, ...(isIP(host) ? [] : [host])],
      ...(config.apiUrl !== undefined && { apiUrl: config.apiUrl }),
      services: config.services,
      queryFolder: config.queryFolder || join(directory, 'saved'),
      colorFolder: directory,
      stateFolder: directory,
      otlpEndpoint: `http://localhost:${otlpPort}`,
      ...(access && { access }),
    });
    servers.push({ close: endOf(explorer) });
    const port = await listen(explorer, host, config.port, 'PORT');
    const takeBack = await writeLive({ host, port, store: directory });
    open.push({ close: async () => takeBack() });
    // Bundles before the first view needs it. The kept promise still has its failure, and the page answers with it.
    const bundling = setTimeout(() => pageBundle().catch(() => {}), BUNDLE_AFTER_MS).unref();
    open.push({ close: async () => clearTimeout(bundling) });
    logger.info({ port, otlpPort, otlpGrpcPort, host, store: directory }, 'the trace explorer is ready');
    return { port, otlpPort, otlpGrpcPort, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** How to end a server that does not listen yet. */
function endOf(app: FastifyInstance): () => Promise<void> {
  const drain = drainOf(app.server);
  return () => drain.end(ANSWERING_MS, () => app.close());
}

async function listen(app: FastifyInstance, host: string, port: number, variable: string): Promise<number> {
  app.server.maxConnections = connectionLimit(SERVERS);
  try {
    await app.listen({ host, port, listenTextResolver: (address) => `listening at ${address}` });
  } catch (error) {
    throw new ListenError(variable, host, port, error);
  }
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function listenBeside(receiver: FastifyInstance, host: string, port: number) {
  try {
    return await openPort(receiver, host, port);
  } catch (error) {
    throw new ListenError('OTLP_GRPC_PORT', host, port, error);
  }
}
