import type { FastifyInstance } from 'fastify';

type AddHook = FastifyInstance['addHook'];

/**
 * Fastify's own `app.addHook`. With TRACE_FASTIFY_LIFECYCLE, instrumentation-fastify replaces `addHook` to make a span
 * around each hook. A span around the hook that starts the SERVER span would begin another trace.
 */
export function unwrappedAddHook(app: FastifyInstance): AddHook {
  const addHook: AddHook & { __original?: AddHook } = app.addHook;
  return (addHook.__original ?? addHook).bind(app) as AddHook;
}
