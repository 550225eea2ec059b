import type { FastifyInstance } from 'fastify';
import { listenTo } from '../process/channels.ts';
import { traceServer } from './fastify-tracing.ts';

/**
 * Traces each Fastify server of the process, before other hooks. Fastify publishes a new server before
 * the service gets the server, also in version 4. Returns how to stop.
 *
 * @param prepare called with each server before
 */
export function traceEveryServer(prepare?: (app: FastifyInstance) => void): () => void {
  return listenTo<{ readonly fastify: FastifyInstance }>({
    'fastify.initialization': ({ fastify }) => {
      if (Number.parseInt(fastify.version, 10) < 5) return;
      prepare?.(fastify);
      traceServer(fastify, {});
    },
  });
}
