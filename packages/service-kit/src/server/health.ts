import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { Problem } from '../problems/problems.ts';
import { problemResponses, problems, shuttingDown } from '../problems/problems.ts';
import type { ServerOptions } from './server.ts';

/** Longest time for the database's answer. Probes usually wait for a second. */
const READINESS_TIMEOUT_MS = 800;

type Health = Pick<ServerOptions, 'checkDatabase' | 'runtime'>;

/** Why the service cannot take requests; undefined while it can. */
export async function findObstacle({ checkDatabase, runtime }: Health): Promise<Problem | undefined> {
  if (runtime?.isStopping?.() === true) return shuttingDown();
  try {
    await checkDatabase(AbortSignal.timeout(READINESS_TIMEOUT_MS));
  } catch (cause) {
    return problems.NOT_READY({ detail: 'The database does not answer.', cause });
  }
  return undefined;
}

/**
 * `/health/live` answers 200 while the process runs, `/health/ready` while the service can take requests, else 503. Neither
 * is rate-limited or logged at level info.
 */
export function healthRoutes(app: FastifyInstance, health: Health): void {
  const options = (summary: string) => ({
    config: { rateLimit: false } as const,
    logLevel: 'warn' as const,
    schema: {
      tags: ['health'],
      summary,
      response: { 200: Type.Object({ status: Type.Literal('ok') }), ...problemResponses() },
    },
  });

  app.get('/health/live', options('The process runs'), function showAlive() {
    return { status: 'ok' };
  });

  app.get('/health/ready', options('The service takes requests'), async function showReady() {
    const obstacle = await findObstacle(health);
    if (obstacle !== undefined) throw obstacle;
    return { status: 'ok' };
  });
}

/** `GET /metrics` in Prometheus' text format. The route is untraced, has no rate limit, and logs at `warn` only. */
export function metricsRoute(app: FastifyInstance, { runtime }: Pick<Health, 'runtime'>): void {
  app.get(
    '/metrics',
    { config: { rateLimit: false, otel: false }, logLevel: 'warn', schema: { hide: true } as object },
    async function showMetrics(_request, reply) {
      const { METRICS_TYPE, renderMetrics } = await import('./metrics.ts');
      return reply.type(METRICS_TYPE).send(await renderMetrics(runtime?.telemetry));
    },
  );
}
