import { fastifyTracing, telemetryMetrics } from '@tandem/telemetry';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import Fastify, { LogController } from 'fastify';
import { injectFaults } from '../faults/inject-faults.ts';
import { answerClientError } from '../problems/client-error.ts';
import type { ReportError } from '../problems/problem-handlers.ts';
import { answerError, setNotFound } from '../problems/problem-handlers.ts';
import { AllowedMethods } from './allowed-methods.ts';
import { allowOrigins } from './cors.ts';
import { readDeadlines } from './deadline.ts';
import { documentRoutes } from './documentation.ts';
import type { PressureLimits } from './hardening.ts';
import { harden } from './hardening.ts';
import type { Readiness } from './health.ts';
import { healthRoutes } from './health.ts';
import { readJsonBodies } from './json-body.ts';
import { logRequests } from './request-log.ts';
import { createValidatorCompiler, validationProblem } from './validation.ts';

export interface ServerOptions {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly readiness: Readiness;
  /** Requests a minute and client. */
  readonly rateLimitMax: number;
  /** No logger, no log. */
  readonly logger?: FastifyBaseLogger;
  /** Origins whose pages may call /api/*; none when left out. */
  readonly corsOrigins?: readonly string[];
  /** Milliseconds a request may take where its caller does not say; 5,000 when left out. */
  readonly requestTimeoutMs?: number;
  readonly pressure?: PressureLimits;
  readonly reportError?: ReportError;
  /** Lets requests below /api ask for faults, for learning and for tests. */
  readonly faultInjection?: boolean;
  /** Registers the routes below /api. */
  readonly api: (app: FastifyInstance) => void | Promise<void>;
}

const BODY_LIMIT = 64 * 1024; // bytes; the largest valid body is a message of 1,024 characters, under 13 KB escaped
const ARRIVAL_TIMEOUT = 10_000; // milliseconds for a request to arrive whole

/** A Fastify server with everything that Tandem's services share: tracing, problems, hardening, documentation, health. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const onError = answerError(options.reportError ?? (() => {}));
  const app: FastifyInstance = Fastify({
    ...(options.logger === undefined ? {} : { loggerInstance: options.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    requestTimeout: ARRIVAL_TIMEOUT,
    return503OnClosing: false, // what still arrives while stopping is answered; then the connection closes
    routerOptions: { maxParamLength: 100 },
    http: { requireHostHeader: false, headersTimeout: ARRIVAL_TIMEOUT, connectionsCheckingInterval: 1000 },
    clientErrorHandler: answerClientError,
    frameworkErrors: onError,
    schemaErrorFormatter: validationProblem,
  });
  const allowed = new AllowedMethods();
  app.setErrorHandler(onError);
  app.setValidatorCompiler(createValidatorCompiler());
  readJsonBodies(app);
  allowed.watch(app);
  await app.register(fastifyTracing);
  if (options.logger !== undefined) logRequests(app);
  await harden(app, options);
  readDeadlines(app, options.requestTimeoutMs ?? 5000);
  await documentRoutes(app, options);
  setNotFound(app, allowed);
  healthRoutes(app, options.readiness);
  await app.register(telemetryMetrics, { config: { rateLimit: false } });
  await app.register(
    async (api) => {
      if (options.corsOrigins !== undefined) await allowOrigins(api, options.corsOrigins);
      if (options.faultInjection === true) injectFaults(api, options.title);
      setNotFound(api, allowed);
      await options.api(api);
    },
    { prefix: '/api' },
  );
  return app;
}
