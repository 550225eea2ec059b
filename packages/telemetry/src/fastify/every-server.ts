import type { FastifyInstance } from 'fastify';
import { listenTo } from '../api/channels.ts';
import type { StartInstrumentation } from '../instrumentation.ts';
import { load } from '../process/load.ts';
import { traceServer } from './fastify-tracing.ts';

/**
 * Traces each Fastify server of the process, before other hooks. Fastify publishes a new server before the service gets the
 * server, also in version 4. TRACE_FASTIFY_LIFECYCLE makes further spans. Without a provider there are no spans, and the
 * context of callers goes on.
 */
export function fastify(): StartInstrumentation {
  return ({ provider, settings, log }) => {
    if (settings.fastifyLifecycle && provider !== undefined) {
      try {
        load('fastify-lifecycle').traceFastifyLifecycle();
      } catch (error) {
        log.warn({}, error instanceof Error ? error.message : String(error));
      }
    }
    return listenTo<{ readonly fastify: FastifyInstance }>({
      'fastify.initialization': ({ fastify: server }) => {
        if (Number.parseInt(server.version, 10) < 5) return;
        traceServer(server, {}, true);
        if (settings.codeLocations && provider !== undefined)
          load('code-locations').locateRoutes(server);
      },
    });
  };
}
