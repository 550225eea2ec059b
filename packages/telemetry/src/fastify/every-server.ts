import type { FastifyInstance } from 'fastify';
import { listenTo } from '../api/channels.ts';
import type { StartInstrumentation } from '../instrumentation.ts';
import { loadEntry } from '../settings/optional-package.ts';
import type * as CodeLocations from './code-locations.ts';
import type * as Lifecycle from './fastify-lifecycle.ts';
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
        loadEntry<typeof Lifecycle>('fastify-lifecycle').traceFastifyLifecycle();
      } catch (error) {
        log.warn({}, error instanceof Error ? error.message : String(error));
      }
    }
    return listenTo<{ readonly fastify: FastifyInstance }>({
      'fastify.initialization': ({ fastify: server }) => {
        if (Number.parseInt(server.version, 10) < 5) return;
        traceServer(server, {}, true);
        if (settings.codeLocations && provider !== undefined)
          loadEntry<typeof CodeLocations>('code-locations').locateRoutes(server);
      },
    });
  };
}
