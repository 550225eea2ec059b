import fastifyCors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

/** Seconds for which a browser keeps the answer to a preflight. */
const MAX_AGE_SECONDS = 600;

/** Lets pages from `origins` call the routes of this instance, send trace context along and read it back. */
export async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  await app.register(fastifyCors, {
    origin: [...origins],
    methods: ['OPTIONS', 'GET', 'HEAD', 'POST'],
    allowedHeaders: ['content-type', 'if-modified-since', 'traceparent', 'tracestate', 'baggage'],
    exposedHeaders: ['location', 'link', 'traceresponse', 'server-timing'],
    maxAge: MAX_AGE_SECONDS,
    strictPreflight: false,
  });
}
