import type { Server } from 'node:http';

type Listening = Pick<Server, 'listeners'>;

/** Listeners of Fastify's servers. A listener shows that a server of a further address is Fastify's: nothing else does. */
const fastifyListeners = new WeakSet<object>();
const ofFastify = new WeakMap<object, boolean>();

/** Leaves the requests of a server to `fastifyTracing`, also where other instrumentations see the requests. */
export function leaveToFastify(server: Listening): void {
  for (const listener of server.listeners('request')) fastifyListeners.add(listener);
  ofFastify.set(server, true);
}

/** Whether `fastifyTracing` traces the requests of a server. */
export function isOfFastify(server: Listening): boolean {
  const known = ofFastify.get(server);
  if (known !== undefined) return known;
  const found = server.listeners('request').some((listener) => fastifyListeners.has(listener));
  ofFastify.set(server, found);
  return found;
}
