import { createServer as createHttpServer } from 'node:http';
import fastifyHelmet from '@fastify/helmet';
import fastifyRateLimit from '@fastify/rate-limit';
import type { Telemetry } from '@tandem/telemetry';
import { fastifyTracing } from '@tandem/telemetry';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import Fastify, { LogController } from 'fastify';
import { answerError } from '../problems/answer-error.ts';
import { ProblemDetails, problems } from '../problems/problems.ts';
import { compileValidator, validationProblem } from '../problems/validation.ts';
import type { CommonSettings } from '../settings/settings.ts';
import { allowOrigins, checkCallers, isThisMachine } from './callers.ts';
import { connectionLimit } from './connection-limit.ts';
import { addDeadlines } from './deadline.ts';
import type { SecuritySchemes } from './documentation.ts';
import { healthRoutes, metricsRoute } from './health.ts';
import { overloadGuard } from './overload.ts';

/** The largest valid body has a message of 1,024 characters: under 13 KB when each is escaped. */
const BODY_LIMIT_BYTES = 64 * 1024;
/** Longest time for the arrival of a whole request. */
const ARRIVAL_TIMEOUT_MS = 10_000;
const HTTP_OPTIONS = {
  requestTimeout: ARRIVAL_TIMEOUT_MS,
  headersTimeout: ARRIVAL_TIMEOUT_MS, // longer, 60 s by default, Node would swap the two limits
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 72_000, // Fastify's own: longer than balancers keep a connection
};

/** The settings of a server, without secrets. */
export type ServerSettings = Partial<Omit<CommonSettings, 'databaseUrl' | 'rollbarAccessToken'>>;

/** The parts of the process around a server that the server uses. */
export interface ServerRuntime {
  /** Without a logger, nothing is logged. */
  readonly logger?: FastifyBaseLogger;
  /** The source of counters on /metrics. */
  readonly telemetry?: Pick<Telemetry, 'counters'>;
  /** Called with each error that is answered with 500. */
  readonly reportError?: (error: Error) => void;
  /** True once the process was asked to stop. */
  readonly isStopping?: () => boolean;
}

export interface ServerOptions {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly settings: ServerSettings;
  /** From `runService`; a test may leave it out. */
  readonly runtime?: ServerRuntime | undefined;
  /** Requests a minute and client. */
  readonly rateLimitMax: number;
  /** From `@tandem/service-kit/faults`, which production does not load. */
  readonly injectFaults?: ((api: FastifyInstance, service: string) => void) | undefined;
  /** Resolves when the database answers; rejects without an answer, or when the signal is aborted. */
  readonly checkDatabase: (signal: AbortSignal) => Promise<void>;
  /** The service's own host names, besides `allowedHosts`. */
  readonly ownHosts?: readonly string[];
  /** Origins whose pages may call /api/*; none when left out. */
  readonly corsOrigins?: readonly string[];
  /** Strangers can call, so their trace contexts become links and their baggage is dropped. False when left out. */
  readonly publicEdge?: boolean | undefined;
  readonly securitySchemes?: SecuritySchemes | undefined;
  /** Registers the routes below /api. */
  readonly api: (app: FastifyInstance) => void;
}

/** Makes a Fastify server with everything that both services share. The server does not listen yet. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { title, settings, publicEdge = false, corsOrigins = [] } = options;
  const { logger } = options.runtime ?? {};
  const { host, allowedHosts } = settings;
  const isLocal = host === undefined || isThisMachine(host); // a test's server has no host
  const { exposeMetrics = isLocal, exposeDocumentation = isLocal } = settings;
  const origins = corsOrigins.map((origin) => origin.replace(/\/$/, ''));
  const app = makeFastify(settings, options.runtime);

  // The hooks of one request, in the order in which they run. First on arrival:
  // 1. The SERVER span begins.
  await app.register(fastifyTracing, { publicEdge });
  // 2. Security headers, for refusals too.
  await app.register(fastifyHelmet, {
    // The API serves JSON only; the documentation page brings a policy of its own.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: false, // the proxy that terminates TLS sets it
    // For documents of browsers. Each header costs both services some microseconds.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
  // 3. 503 under overload, before any other work. Most refusals are answered before the first hook.
  await app.register(overloadGuard, { maxOpenRequests: settings.maxOpenRequests });
  // 4. 429 for a client that asks too often.
  await app.register(fastifyRateLimit, {
    max: options.rateLimitMax,
    timeWindow: '1 minute',
    errorResponseBuilder: (_request, { max, after }) =>
      problems.TOO_MANY_REQUESTS({ detail: `At most ${max} requests a minute; try again in ${after}.` }),
  });
  // 5. 421 for the name of another host.
  const isChecked = allowedHosts !== undefined || (host !== undefined && isLocal);
  const hosts = [...(allowedHosts?.split(/ ?, ?/) ?? []), ...(options.ownHosts ?? [])];
  checkCallers(app, isChecked ? hosts : undefined, origins);
  // After the answer: one line in the log.
  if (logger !== undefined) logResponses(app);

  const answerNotFound = () => {
    throw problems.ROUTE_NOT_FOUND();
  };
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, answerNotFound);
  if (exposeDocumentation) {
    const { documentRoutes } = await import('./documentation.ts');
    await documentRoutes(app, { ...options, corsOrigins: origins });
  }
  healthRoutes(app, options);
  if (exposeMetrics) metricsRoute(app, options);
  const { healthPort } = settings;
  if (healthPort !== undefined)
    await (await import('./health-port.ts')).openHealthPort(app, healthPort, options);
  await app.register(
    async (api) => {
      // 6. Pages of other origins may read the answer. user-lookup has no pages, and checks its token here.
      if (corsOrigins.length > 0) await allowOrigins(api, origins);
      // 7. The fault that the request asks for, in development.
      options.injectFaults?.(api, title);
      // Once the schema has checked the request: 8. Its time begins; 504 when it ends before the answer.
      addDeadlines(api);
      api.setNotFoundHandler({ preHandler: api.rateLimit() }, answerNotFound);
      options.api(api);
    },
    { prefix: '/api' },
  );
  return app;
}

function makeFastify(
  { trustProxy }: ServerSettings,
  { logger, reportError = () => {} }: ServerRuntime = {},
): FastifyInstance {
  const onError = answerError(reportError);
  const app: FastifyInstance = Fastify({
    ...(logger && { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: trustProxy ?? false,
    bodyLimit: BODY_LIMIT_BYTES,
    serverFactory: (handle) => createHttpServer(HTTP_OPTIONS, handle),
    forceCloseConnections: 'idle',
    return503OnClosing: false, // requests that arrive while the server stops are answered
    frameworkErrors: onError,
    schemaErrorFormatter: validationProblem,
  });
  app.server.maxConnections = connectionLimit();
  app.setErrorHandler(onError);
  app.setValidatorCompiler(compileValidator);
  app.removeContentTypeParser('text/plain');
  app.addSchema({ $id: 'ProblemDetails', ...ProblemDetails });
  return app;
}

/** Logs one line per response, with the fields that people look for. Fastify's own two lines cost twice as much. */
function logResponses(app: FastifyInstance): void {
  app.addHook('onResponse', function logResponse(request, reply, done) {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 100) / 100,
      },
      'request',
    );
    done();
  });
}
