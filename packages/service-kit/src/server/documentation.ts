import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/** OpenAPI of every route registered afterwards, as a page at /documentation and as JSON at /documentation/json. */
export async function documentRoutes(
  app: FastifyInstance,
  { title, description, version }: { title: string; description: string; version: string },
): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: { openapi: '3.1.0', info: { title, description, version } },
  });
  await app.register(fastifySwaggerUi, { routePrefix: '/documentation', staticCSP: true });
}
