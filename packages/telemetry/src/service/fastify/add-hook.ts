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

/** Hooks that make Fastify listen to each request, or to each response, as soon as there is one. */
type LateHooks = Readonly<Record<'onResponse' | 'onRequestAbort', unknown>>;

/** Adds a hook before each late hook of a new server, its plugins and routes. Without late hooks, nobody listens. */
export function addBeforeLateHooks(app: FastifyInstance, first: LateHooks): void {
  const addHook = app.addHook as (this: FastifyInstance, name: string, hook: unknown) => FastifyInstance;
  const isLate = (name: string): name is keyof LateHooks => Object.hasOwn(first, name);
  function addHookBehind(this: FastifyInstance, name: string, hook: unknown): FastifyInstance {
    if (isLate(name)) addHook.call(this, name, first[name]);
    return addHook.call(this, name, hook);
  }
  app.addHook = addHookBehind as FastifyInstance['addHook'];
  app.addHook('onRoute', function addToRoute(route) {
    for (const name of Object.keys(first).filter(isLate))
      if (route[name] !== undefined) Object.assign(route, { [name]: [first[name], route[name]].flat() });
  });
}
