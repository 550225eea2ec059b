import type { FastifyInstance, onRequestAbortHookHandler } from 'fastify';

/**
 * Puts `first` before the `onRequestAbort` hooks of an app, of its plugins and of its routes, if there are any.
 * Registered at once it would cost every request 0.4 µs: for this hook Fastify listens on each request.
 */
export function beforeRequestAbortHooks(app: FastifyInstance, first: onRequestAbortHookHandler): void {
  const instances = new WeakSet<FastifyInstance>();
  const addHook = app.addHook as (this: FastifyInstance, name: string, hook: unknown) => FastifyInstance;
  function addHookBehindFirst(this: FastifyInstance, name: string, hook: unknown): FastifyInstance {
    if (name === 'onRequestAbort' && !instances.has(this)) {
      instances.add(this);
      addHook.call(this, name, first);
    }
    return addHook.call(this, name, hook);
  }
  app.addHook = addHookBehindFirst as FastifyInstance['addHook'];
  app.addHook('onRoute', function addToRoute(route) {
    if (route.onRequestAbort) route.onRequestAbort = [first].concat(route.onRequestAbort);
  });
}
