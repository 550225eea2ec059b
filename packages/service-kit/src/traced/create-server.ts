import type { MetricValues } from '@tandem/telemetry';
import { activeTraceId, fastifyTracing, telemetryMetrics } from '@tandem/telemetry';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import Fastify, { LogController } from 'fastify';
import type { Reach } from '../config/reach.ts';
import type { ReportError } from '../problems/answer-error.ts';
import { answerError } from '../problems/answer-error.ts';
import { answerClientError } from '../problems/client-error.ts';
import { setNotFound } from '../problems/not-found.ts';
import { ignoreUnwantedBodies } from '../problems/unwanted-bodies.ts';
import { watchAcceptQueue } from '../server/accept-queue.ts';
import { limitOpenRequests } from '../server/admission.ts';
import { AllowedMethods } from '../server/allowed-methods.ts';
import { watchArrivals } from '../server/arrivals.ts';
import type { ApiToken } from '../server/bearer-token.ts';
import { requireBearerToken } from '../server/bearer-token.ts';
import { allowOrigins } from '../server/cors.ts';
import { readDeadlines } from '../server/deadline.ts';
import { documentRoutes } from '../server/documentation.ts';
import { watchEventLoop } from '../server/event-loop-wait.ts';
import { harden, sendSecurityHeaders } from '../server/hardening.ts';
import type { Readiness } from '../server/health.ts';
import { healthRoutes } from '../server/health.ts';
import type { PressureLimits } from '../server/heap-limit.ts';
import { limitHeap } from '../server/heap-limit.ts';
import { readJsonBodies } from '../server/json-body.ts';
import { LoadShedding } from '../server/load-shedding.ts';
import { logRequests } from '../server/request-log.ts';
import { rootRoute } from '../server/root.ts';
import { compileSerializer } from '../server/serialization.ts';
import { compileValidator, validationProblem } from '../server/validation.ts';
import { locateHandlers } from './code-location.ts';
import { injectFaults } from './faults/inject-faults.ts';
import { loadMetrics, markShed } from './load-telemetry.ts';

/** The largest valid body is a message of 1,024 characters: under 13 KB when each is escaped. */
const BODY_LIMIT_BYTES = 64 * 1024;
/** Time for a request to arrive whole. */
const ARRIVAL_TIMEOUT_MS = 10_000;
/** Time that a request may take where neither its caller nor the service says. */
const REQUEST_TIMEOUT_MS = 5000;
/** How often Node looks for requests that arrive too slowly. */
const CONNECTIONS_CHECK_INTERVAL_MS = 1000;

/** What a server is told by whoever runs it: a process from its settings, or a test. */
export interface ServerSettings {
  /** No logger, no log. */
  readonly logger?: FastifyBaseLogger;
  /** Who reaches the server, and what of it; everybody all of it when left out. */
  readonly reach?: Reach;
  /** Requests per minute and client. */
  readonly rateLimitMax: number;
  /** Requests under way past which others get 503; 512 when left out. */
  readonly maxOpenRequests?: number;
  readonly pressure?: PressureLimits;
  /** Told of errors that are answered with 500. */
  readonly reportError?: ReportError;
  /** Lets requests below /api ask for faults, for learning and for tests; false when left out. */
  readonly faultInjection?: boolean;
  /** SERVER spans say in which file and line of this machine their handler is written; false when left out. */
  readonly codeLocations?: boolean;
  /** Where its traces are looked at, for `GET /`. */
  readonly pageUrl?: string;
}

export interface ServerOptions extends ServerSettings {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  /** A path of the API that is worth a first look, for `GET /`. */
  readonly firstPath?: string;
  readonly readiness: Readiness;
  /** Origins whose pages may call /api/*; none when left out. */
  readonly corsOrigins?: readonly string[];
  /** Anybody can call: contexts of callers become links, and their baggage is dropped. False when left out. */
  readonly publicEdge?: boolean;
  /** Milliseconds that a request may take where its caller does not say; 5,000 when left out. */
  readonly requestTimeoutMs?: number;
  /** Metrics of the service itself, for /metrics. */
  readonly metrics?: () => readonly MetricValues[];
  /** What requests below /api must carry; nothing when left out. */
  readonly apiToken?: ApiToken;
  /** Registers the routes below /api. */
  readonly api: (app: FastifyInstance) => void | Promise<void>;
}

/**
 * Makes a Fastify server with everything that Tandem's services share: tracing, problems, hardening, documentation,
 * health. Not listening yet.
 *
 * @example
 * const api = (app: FastifyInstance) => usersRoutes(app, usersRepository(database));
 * const app = await createServer({ title, description, version, rateLimitMax, readiness, api });
 * await app.listen({ port: 4568 });
 */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const onError = answerError({ report: options.reportError ?? (() => {}), traceId: activeTraceId });
  const { reach = {} } = options;
  const app: FastifyInstance = Fastify({
    ...(options.logger === undefined ? {} : { loggerInstance: options.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: reach.trustProxy?.length ? [...reach.trustProxy] : false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: ARRIVAL_TIMEOUT_MS,
    return503OnClosing: false, // what still arrives while stopping is answered; then the connection closes
    routerOptions: { maxParamLength: 100 },
    http: {
      requireHostHeader: false, // answered by `harden`, as a problem
      headersTimeout: ARRIVAL_TIMEOUT_MS,
      connectionsCheckingInterval: CONNECTIONS_CHECK_INTERVAL_MS,
    },
    clientErrorHandler: answerClientError,
    frameworkErrors: onError,
    schemaErrorFormatter: validationProblem,
  });
  const allowed = new AllowedMethods();
  app.setErrorHandler(onError);
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(compileSerializer);
  readJsonBodies(app);
  allowed.watch(app);
  await app.register(fastifyTracing, {
    publicEdge: options.publicEdge ?? false,
    ...(options.codeLocations === true && { requestHook: locateHandlers(app) }),
  });
  const shedding = new LoadShedding(markShed);
  if (options.logger !== undefined) logRequests(app, shedding);
  ignoreUnwantedBodies(app);
  await sendSecurityHeaders(app);
  const acceptQueue = watchAcceptQueue(app);
  const arrivals = watchArrivals(app, acceptQueue, watchEventLoop(app));
  const open = limitOpenRequests(app, { ...options, shedding, acceptQueue });
  await limitHeap(app, shedding, options.pressure);
  await harden(app, { ...options, allowedHosts: reach.allowedHosts });
  readDeadlines(app, { shedding, arrivals, timeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS });
  if (reach.documentation !== false) await documentRoutes(app, options);
  setNotFound(app, allowed);
  healthRoutes(app, options.readiness);
  rootRoute(app, {
    ...options,
    paths: {
      ...(options.firstPath !== undefined && { [options.firstPath]: 'a first answer' }),
      ...(reach.documentation !== false && { '/documentation': 'all routes' }),
      '/health/ready': 'whether it takes requests',
      ...(reach.metrics !== false && { '/metrics': 'metrics for Prometheus' }),
    },
  });
  if (reach.metrics !== false)
    await app.register(telemetryMetrics, {
      config: { rateLimit: false },
      service: () => [...loadMetrics(shedding, open), ...(options.metrics?.() ?? [])],
    });
  await app.register(
    async (api) => {
      if (options.corsOrigins !== undefined) await allowOrigins(api, options.corsOrigins);
      if (options.apiToken !== undefined) requireBearerToken(api, options.apiToken);
      if (options.faultInjection === true) injectFaults(api, options.title);
      setNotFound(api, allowed);
      await options.api(api);
    },
    { prefix: '/api' },
  );
  return app;
}
