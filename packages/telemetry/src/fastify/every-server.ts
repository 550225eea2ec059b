import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';
import { fastifyTracing } from './tracing.ts';

/** Fastify publishes each new server on this channel before the service gets the server. Version 4 does so, too. */
const SERVERS = 'fastify.initialization';

/** Sets `fastifyTracing` up on each Fastify server of the process, before its other hooks. Returns how to stop. */
export function traceEveryServer(): () => void {
  const trace = (message: unknown) => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    if (Number.parseInt(fastify.version, 10) >= 5) fastifyTracing(fastify, {}, () => {});
  };
  subscribe(SERVERS, trace);
  return () => void unsubscribe(SERVERS, trace);
}
