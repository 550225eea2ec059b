import fastifyCors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

/** How long a browser may go without asking again. */
const MAX_AGE_SECONDS = 600;

/** Lets pages from `origins` call the routes of this instance, send trace context along and read it back. */
export async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  const allowed = origins.map((origin) => origin.replace(/\/$/, ''));
  // Lets the page see the phases of its own requests, as the Resource Timing specification asks of other origins.
  app.addHook('onRequest', async function allowTiming({ headers: { origin } }, reply) {
    if (origin !== undefined && allowed.includes(origin)) reply.header('timing-allow-origin', origin);
  });
  await app.register(fastifyCors, {
    origin: allowed,
    methods: ['OPTIONS', 'GET', 'HEAD', 'POST'],
    allowedHeaders: [
      'content-type',
      'if-modified-since',
      'idempotency-key',
      'traceparent',
      'tracestate',
      'baggage',
    ],
    exposedHeaders: ['location', 'link', 'traceresponse', 'server-timing'],
    maxAge: MAX_AGE_SECONDS,
    strictPreflight: false,
  });
}
