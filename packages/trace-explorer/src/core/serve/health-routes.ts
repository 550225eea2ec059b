import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { documented } from '../../http/documented.ts';
import { problems } from '../errors.ts';

const Health = Type.Object({ status: Type.Literal('ok') });

/** `/health/live`: the process runs. `/health/ready`: the store answers, else 503. Neither is logged at level info. */
export function healthRoutes(app: FastifyInstance, checkStore: () => Promise<void>): void {
  const route = (summary: string) => ({
    logLevel: 'warn' as const,
    ...documented('health', summary, Health),
  });

  app.get('/health/live', route('The process runs'), function showAlive() {
    return { status: 'ok' };
  });

  app.get('/health/ready', route('The store answers'), async function showReady() {
    await checkStore().catch((cause: unknown) => {
      throw problems.NOT_READY({ detail: 'The store does not answer.', cause });
    });
    return { status: 'ok' };
  });
}
