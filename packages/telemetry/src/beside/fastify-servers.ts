import type { Server } from 'node:http';

type Listening = Pick<Server, 'listeners'>;

/** Fastify's servers with their listeners. Fastify gives the server of each further address the same listener. */
const ofFastify = new WeakSet<object>();

/** Leaves the requests of a server to `fastifyTracing`, also where other instrumentations see the requests. */
export function leaveToFastify(server: Listening): void {
  for (const each of [server, ...server.listeners('request')]) ofFastify.add(each);
}

/** Whether `fastifyTracing` traces the requests of a server. Other libraries may replace a server's listener later. */
export function isOfFastify(server: Listening): boolean {
  return ofFastify.has(server) || server.listeners('request').some((listener) => ofFastify.has(listener));
}
