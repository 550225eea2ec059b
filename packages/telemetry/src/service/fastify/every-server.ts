import type { FastifyInstance } from 'fastify';
import { listenTo } from '../../common/channels.ts';
import type { StartInstrumentation } from '../../instrumentation.ts';
import { traceServer } from './fastify-tracing.ts';

/**
 * Traces each Fastify server of the process, before other hooks. Fastify publishes a new server before the service gets the
 * server, also in version 4. Without a provider there are no spans, and the context of callers goes on.
 */
export function fastify(): StartInstrumentation {
  return () =>
    listenTo<{ readonly fastify: FastifyInstance }>({
      'fastify.initialization': ({ fastify: server }) => {
        if (Number.parseInt(server.version, 10) >= 5) traceServer(server, {}, true);
      },
    });
}
