import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import { compileValidator, ProblemDetails, validationProblem } from '@tandem/service-kit/http';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import fastify, { LogController } from 'fastify';
import type { NodePart, ServerContext } from './core/door/node.ts';
import { fileRoutes } from './core/files/routes.ts';
import { Arrivals } from './core/live/arrivals.ts';
import type { LiveRouteOptions } from './core/live/routes.ts';
import { liveId, liveRoutes } from './core/live/routes.ts';
import { requireAccess } from './core/login/require-access.ts';
import { logRoutes } from './core/logs/routes.ts';
import { pageRoutes } from './core/page-server/routes.ts';
import { registerViews } from './core/places/views.ts';
import { answerProblem, answerProblems } from './core/problem-handler.ts';
import { queryRoutes } from './core/query/api/routes.ts';
import { HoneycombError } from './core/query/api/schemas.ts';
import { rowRoutes } from './core/query/newest/routes.ts';
import { savedFieldsOf } from './core/query/saved-fields/saved-field-file.ts';
import { Intake } from './core/receiver/intake.ts';
import type { Tee } from './core/receiver/tee.ts';
import { runRoutes } from './core/runs/routes.ts';
import { RunFolders } from './core/runs/run-folders.ts';
import type { Access } from './core/serve/access.ts';
import { healthRoutes } from './core/serve/health-routes.ts';
import { contentSecurityPolicy, guardRequests } from './core/serve/security.ts';
import { ServiceColors, serviceColorRoutes } from './core/service-colors.ts';
import { checkStore, statusRoutes } from './core/status.ts';
import type { SpanStore } from './core/store/store.ts';
import { deleteRoutes } from './core/traces-api/delete-routes.ts';
import { exportRoutes } from './core/traces-api/export-routes.ts';
import { traceRoutes } from './core/traces-api/routes.ts';
import { spanRoutes } from './core/traces-api/span-routes.ts';
import { BEARER_SCHEME } from './http/bearer-token.ts';
import { closeAfterAnswers } from './http/close-after-answers.ts';
import { documentationPage } from './http/documentation-page.ts';
import { openapiForm } from './http/openapi-form.ts';
import { requestLimits } from './http/request-limits.ts';
import { compileSerializer } from './http/serialization.ts';
import { VERSION } from './lib/version.ts';
import { nodeParts } from './parts.node.ts';

const INFO = {
  title: 'Tandem trace explorer',
  version: VERSION,
  description:
    "The OTLP receiver has another port. Under /1 the explorer answers Honeycomb's Query Data API from its local store. Under /api are traces, the service map and live updates.",
};

export interface ExplorerOptions {
  readonly store: SpanStore;
  /** Shared with the receiver, so that one bound holds for all bodies; default: one of its own. */
  readonly intake?: Intake;
  /** Host names, besides localhost and addresses, under which the explorer answers. */
  readonly allowedHosts?: readonly string[];
  /** The address for spans, for people to read. */
  readonly otlpEndpoint?: string;
  /** Sends taken bodies on; of an intake of its own. */
  readonly tee?: Tee;
  /** The API that the page's "Try it" sends requests to; without it the page has no "Try it". */
  readonly apiUrl?: string;
  /** Base URLs of services whose metrics the explorer asks for; default none. */
  readonly services?: readonly string[];
  /** Checks the token of requests. Without it, anybody with a way to the explorer may use it. */
  readonly access?: Access;
  /** Folder of saved queries and calculated fields, absolute; without it, nothing can be saved. */
  readonly queryFolder?: string | undefined;
  /** Folder that keeps the colours of services, absolute; without it, memory alone keeps them. */
  readonly colorFolder?: string;
  /** Folder for what parts keep, such as hidden causes, absolute; without it, memory alone keeps it. */
  readonly stateFolder?: string;
  readonly logger?: FastifyBaseLogger;
  /** Milliseconds that a whole request may take to arrive; default 30 s. */
  readonly requestTimeoutMs?: number;
  readonly live?: Omit<LiveRouteOptions, 'arrivals' | 'readSaved' | 'store'>;
  /** Default: all of them. */
  readonly parts?: readonly NodePart[];
}

/** The explorer's page and query server: everything on port 4319. It asks the services for metrics and sends nothing. */
export async function buildExplorer(options: ExplorerOptions): Promise<FastifyInstance> {
  const { store, allowedHosts = [], otlpEndpoint = 'http://localhost:4318' } = options;
  const { parts = nodeParts, intake = new Intake({ store, tee: options.tee }) } = options;
  const app: FastifyInstance = fastify({
    ...(options.logger && { loggerInstance: options.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    ...requestLimits(options.requestTimeoutMs),
    forceCloseConnections: 'idle',
    frameworkErrors: answerProblem,
    schemaErrorFormatter: validationProblem,
    // As long as Node allows: senders choose the names of datasets, and each byte of a name may be %XX.
    routerOptions: { maxParamLength: process.getBuiltinModule('node:http').maxHeaderSize },
  });
  closeAfterAnswers(app);
  const release = registerViews(parts);
  app.addHook('onClose', async () => release());
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(compileSerializer);
  app.addSchema({ $id: 'ProblemDetails', ...ProblemDetails });
  app.addSchema(HoneycombError);
  answerProblems(app);
  guardRequests(app, { allowedHosts });
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: false, // plain HTTP on one machine
  });
  if (options.access) await requireAccess(app, options.access);
  const securitySchemes = { [BEARER_SCHEME]: { type: 'http', scheme: 'bearer' } } as const;
  await app.register(swagger, {
    ...openapiForm,
    openapi: {
      openapi: '3.1.0',
      info: { ...INFO, license: { name: 'MIT', identifier: 'MIT' } },
      ...(options.access && { components: { securitySchemes }, security: [{ [BEARER_SCHEME]: [] }] }),
    },
  });
  documentationPage(app);

  const readSaved = savedFieldsOf(options.queryFolder);
  const colors = new ServiceColors(store, options.colorFolder, app.log);
  const arrivals = await Arrivals.of(store, ({ traceIds }) => traceIds.length > 0);
  const needsToken = options.access !== undefined;
  const { queryFolder, stateFolder, apiUrl = '' } = options;
  const folders = new RunFolders(stateFolder);
  const context: ServerContext = {
    store,
    intake,
    readSaved,
    colors: () => colors.read(),
    otlpEndpoint,
    needsToken,
    queryFolder,
    stateFolder,
    folderOf: (run) => folders.of(run),
    exitCodeOf: async (run) => (await folders.all()).get(run)?.exit_code,
    parts,
  };
  await app.register(queryRoutes, { prefix: '/1', ...context });
  await app.register(rowRoutes, context);
  await app.register(traceRoutes, context);
  await app.register(spanRoutes, { store });
  await app.register(exportRoutes, context);
  await app.register(deleteRoutes, context);
  await app.register(fileRoutes, context);
  await app.register(logRoutes, { ...context, ...options.live });
  await app.register(runRoutes, { store, folders });
  await app.register(serviceColorRoutes, { colors });
  await app.register(liveRoutes, { ...options.live, store, arrivals, readSaved });
  const rows = await Promise.all(parts.map(async (each) => (await each.status?.())?.(context)));
  await app.register(statusRoutes, { ...context, rows: rows.filter((row) => row !== undefined) });
  healthRoutes(app, () => checkStore(store));
  const routes = await Promise.all(parts.map((each) => each.routes?.() ?? []));
  for (const plugin of routes.flat()) await app.register(plugin, context);
  await app.register(pageRoutes, {
    otlpEndpoint,
    liveFrom: () => liveId(arrivals),
    colors: context.colors,
    apiUrl,
    needsToken,
    firstReads: Object.assign({}, ...parts.map(({ firstReads }) => firstReads)),
    connectSrc: parts.flatMap((each) => each.connectSrc?.({ apiUrl, otlpEndpoint }) ?? []),
    ...(options.services && { services: options.services }),
  });
  return app;
}
