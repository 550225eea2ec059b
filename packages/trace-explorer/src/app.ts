import { maxHeaderSize } from 'node:http';
import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { compileValidator, ProblemDetails, validationProblem } from '@tandem/service-kit/http';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import fastify, { LogController } from 'fastify';
import type { Access } from './core/access.ts';
import { BEARER_SCHEME } from './core/http/bearer-token.ts';
import { healthRoutes } from './core/http/health-routes.ts';
import { requestLimits } from './core/http/request-limits.ts';
import { compileSerializer } from './core/http/serialization.ts';
import { Arrivals } from './core/live/arrivals.ts';
import type { LiveRouteOptions } from './core/live/routes.ts';
import { liveId, liveRoutes } from './core/live/routes.ts';
import { requireAccess } from './core/login/require-access.ts';
import { openapiForm } from './core/openapi-form.ts';
import { pageRoutes } from './core/page-server/routes.ts';
import { answerProblem, answerProblems } from './core/problem-handler.ts';
import { queryRoutes } from './core/query/api/routes.ts';
import { HoneycombError } from './core/query/api/schemas.ts';
import { rowRoutes } from './core/query/newest/routes.ts';
import { savedFieldsOf } from './core/query/saved-fields/saved-field-file.ts';
import { Intake } from './core/receiver/intake.ts';
import { contentSecurityPolicy, guardRequests } from './core/security.ts';
import { ServiceColors, serviceColorRoutes } from './core/service-colors.ts';
import type { ForwardStatus } from './core/status.ts';
import { checkStore, statusRoutes } from './core/status.ts';
import type { SpanStore } from './core/store/store.ts';
import { deleteRoutes } from './core/traces/api/delete-routes.ts';
import { exportRoutes } from './core/traces/api/export-routes.ts';
import { traceRoutes } from './core/traces/api/routes.ts';
import { spanRoutes } from './core/traces/api/span-routes.ts';
import { VERSION } from './core/version.ts';
import { causeRoutes } from './parts/causes/server/routes.ts';
import { forwardMetrics } from './parts/forward/server/metrics-route.ts';
import { logRoutes } from './parts/logs/server/routes.ts';
import { mcpRoutes } from './parts/mcp/server/routes.ts';
import { overviewRoutes } from './parts/overview/server/routes.ts';
import { bubbleupRoutes } from './parts/query/server/bubbleup/routes.ts';
import { fieldRoutes } from './parts/query/server/field-use/routes.ts';
import { savedRoutes } from './parts/query/server/saved-queries/routes.ts';
import { compareRoutes } from './parts/report/server/compare/routes.ts';
import { reportRoutes } from './parts/report/server/routes.ts';
import { sampleRoutes } from './parts/sampling/server/routes.ts';
import { savedPageRoutes } from './parts/saved-trace/server/saved-page.ts';
import { verifyRoutes } from './parts/verify/server/routes.ts';
import { traceScriptRoutes } from './parts/web-tracing/server/trace-script.ts';

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
  /** Counts of the sent data, where EXPLORER_FORWARD is set. */
  readonly forward?: (() => ForwardStatus) | undefined;
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
  /** Folder for hidden causes, absolute; without it, memory alone keeps them. */
  readonly stateFolder?: string;
  readonly logger?: FastifyBaseLogger;
  /** Milliseconds that a whole request may take to arrive; default 30 s. */
  readonly requestTimeoutMs?: number;
  readonly live?: Omit<LiveRouteOptions, 'arrivals' | 'readSaved' | 'store'>;
}

/** The explorer's page and query server: everything on port 3000. It asks the services for metrics and sends nothing. */
export async function buildExplorer(options: ExplorerOptions): Promise<FastifyInstance> {
  const { store, allowedHosts = [], otlpEndpoint = 'http://localhost:4318' } = options;
  const { intake = new Intake({ store }) } = options;
  const app: FastifyInstance = fastify({
    ...(options.logger && { loggerInstance: options.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    ...requestLimits(options.requestTimeoutMs),
    forceCloseConnections: 'idle',
    frameworkErrors: answerProblem,
    schemaErrorFormatter: validationProblem,
    // As long as Node allows: senders choose the names of datasets, and each byte of a name may be %XX.
    routerOptions: { maxParamLength: maxHeaderSize },
  });
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
  await app.register(swaggerUi, { routePrefix: '/documentation' });

  const readSaved = savedFieldsOf(options.queryFolder);
  await app.register(queryRoutes, { prefix: '/1', store, readSaved });
  await app.register(rowRoutes, { store, readSaved });
  await app.register(savedRoutes, { store, directory: options.queryFolder });
  await app.register(bubbleupRoutes, { store, readSaved });
  await app.register(traceRoutes, { store, readSaved });
  await app.register(exportRoutes, { store, readSaved });
  await app.register(deleteRoutes, { store });
  await app.register(spanRoutes, { store, intake });
  await app.register(causeRoutes, { store, readSaved, folder: options.stateFolder });
  await app.register(overviewRoutes, { store });
  await app.register(compareRoutes, { store });
  await app.register(reportRoutes, { store });
  await app.register(sampleRoutes, { store });
  await app.register(verifyRoutes, { store });
  const colors = new ServiceColors(store, options.colorFolder, app.log);
  await app.register(serviceColorRoutes, { colors });
  await app.register(fieldRoutes, { store });
  await app.register(logRoutes, { store, readSaved, ...options.live });
  const arrivals = await Arrivals.of(store, ({ traceIds }) => traceIds.length > 0);
  await app.register(liveRoutes, { ...options.live, store, arrivals, readSaved });
  const { forward } = options;
  await app.register(statusRoutes, { store, intake, otlpEndpoint, forward });
  if (forward !== undefined) await app.register(forwardMetrics, { forward });
  await app.register(mcpRoutes);
  healthRoutes(app, () => checkStore(store));
  await app.register(savedPageRoutes, { store, colors: () => colors.read() });
  await app.register(traceScriptRoutes, { otlpEndpoint, needsToken: options.access !== undefined });
  await app.register(pageRoutes, {
    otlpEndpoint,
    liveFrom: () => liveId(arrivals),
    colors: () => colors.read(),
    apiUrl: options.apiUrl ?? '',
    needsToken: options.access !== undefined,
    ...(options.services && { services: options.services }),
  });
  return app;
}
