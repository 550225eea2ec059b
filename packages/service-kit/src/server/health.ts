import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { problems } from '../errors.ts';
import { problemResponses } from '../problems/problem-details.ts';

/** What the readiness of a service depends on. */
export interface Readiness {
  /** Resolves when the database answers. */
  checkDatabase(): Promise<void>;
  /** True from the moment the process was asked to stop. */
  isStopping(): boolean;
}

const Health = Type.Object({ status: Type.Literal('ok') });

/** `/health/live`: the process runs. `/health/ready`: send it requests. Neither is rate-limited or logged at info. */
export function healthRoutes(app: FastifyInstance, readiness: Readiness): void {
  const config = { rateLimit: false } as const;
  const tags = ['health'];

  app.get(
    '/health/live',
    {
      config,
      logLevel: 'warn',
      schema: { tags, summary: 'The process runs', response: { 200: Health } },
    },
    () => ({ status: 'ok' }),
  );

  app.get(
    '/health/ready',
    {
      config,
      logLevel: 'warn',
      schema: {
        tags,
        summary: 'The service takes requests',
        response: { 200: Health, ...problemResponses(503) },
      },
    },
    async () => {
      if (readiness.isStopping()) throw problems.NOT_READY({ detail: 'The service is shutting down.' });
      await readiness.checkDatabase().catch((cause: unknown) => {
        throw problems.NOT_READY({ detail: 'The database does not answer.', cause });
      });
      return { status: 'ok' };
    },
  );
}
