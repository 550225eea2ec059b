import type { FastifyInstance } from 'fastify';

type AddHook = FastifyInstance['addHook'];

/**
 * `app.addHook` as Fastify made it. With lifecycle spans on, instrumentation-fastify has wrapped it to make a span
 * around each hook: around the hook that starts the SERVER span, that one would be a trace of its own.
 */
export function unwrappedAddHook(app: FastifyInstance): AddHook {
  const addHook: AddHook & { __original?: AddHook } = app.addHook;
  return (addHook.__original ?? addHook).bind(app) as AddHook;
}
