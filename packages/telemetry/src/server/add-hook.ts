import type { FastifyInstance } from 'fastify';

type AddHook = FastifyInstance['addHook'];

/**
 * `app.addHook` as Fastify made it. With TRACE_FASTIFY_LIFECYCLE, instrumentation-fastify replaces `addHook` to make a
 * span around each hook. A span around the hook that starts the SERVER span would be a trace of its own.
 */
export function unwrappedAddHook(app: FastifyInstance): AddHook {
  const addHook: AddHook & { __original?: AddHook } = app.addHook;
  return (addHook.__original ?? addHook).bind(app) as AddHook;
}
