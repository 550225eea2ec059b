import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { ApiToken } from './bearer-token.ts';
import { BEARER_SCHEME } from './bearer-token.ts';
import { openapiForm } from './openapi.ts';

/** OpenAPI of every route registered afterwards, as a page at /documentation and as JSON at /documentation/json. */
export async function documentRoutes(
  app: FastifyInstance,
  options: { title: string; description: string; version: string; apiToken?: ApiToken },
): Promise<void> {
  const { title, description, version, apiToken } = options;
  const securitySchemes = { [BEARER_SCHEME]: { type: 'http', scheme: 'bearer' } } as const;
  await app.register(fastifySwagger, {
    ...openapiForm,
    openapi: {
      openapi: '3.1.0',
      info: { title, description, version },
      ...(apiToken !== undefined && { components: { securitySchemes } }),
    },
  });
  await app.register(fastifySwaggerUi, { routePrefix: '/documentation', staticCSP: true });
}
