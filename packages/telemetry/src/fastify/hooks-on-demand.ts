import type { FastifyInstance } from 'fastify';

/** One hook of these names makes Fastify listen to each request, or to each response. */
const COSTLY = ['onResponse', 'onRequestAbort'] as const;

type AddHook = (this: FastifyInstance, name: string, hook: unknown) => FastifyInstance;

/**
 * Replaces `addHook` of a new server. `fastifyTracing` adds the first hook of each costly name, which only makes the
 * request's context active for later hooks. The first hook waits for a second hook of a server, plugin or route.
 */
export function addHooksOnDemand(app: FastifyInstance): void {
  const addHook = app.addHook as AddHook;
  /** The first hook of each costly name. */
  const firsts = new Map<string, unknown>();
  /** For each costly name, the servers that have the first hook. */
  const servers = new Map(COSTLY.map((name) => [name as string, new WeakSet<FastifyInstance>()]));
  function addHookOnDemand(this: FastifyInstance, name: string, hook: unknown): FastifyInstance {
    const having = servers.get(name);
    if (having === undefined || having.has(this)) return addHook.call(this, name, hook);
    if (!firsts.has(name)) {
      firsts.set(name, hook); // waits for a second hook
      return this;
    }
    having.add(this);
    addHook.call(this, name, firsts.get(name));
    return addHook.call(this, name, hook);
  }
  app.addHook = addHookOnDemand as FastifyInstance['addHook'];
  app.addHook('onRoute', function addToRoute(route) {
    for (const name of COSTLY) {
      const [first, own] = [firsts.get(name), route[name]];
      if (first !== undefined && own !== undefined) Object.assign(route, { [name]: [first, own].flat() });
    }
  });
}
