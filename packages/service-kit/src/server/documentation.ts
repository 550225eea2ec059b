import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { ServerOptions } from './server.ts';

/** Security schemes of OpenAPI, by name. */
export type SecuritySchemes = Readonly<Record<string, { readonly type: 'http'; readonly scheme: string }>>;

/** Documents every route that is registered afterwards: a page at /documentation, OpenAPI at /documentation/json. */
export async function documentRoutes(
  app: FastifyInstance,
  { title, description, version, securitySchemes }: ServerOptions,
): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, description, version, license: { name: 'MIT', identifier: 'MIT' } },
      ...(securitySchemes && { components: { securitySchemes } }),
    },
    // Shared schemas keep their names, so that problem details are one schema and not one per answer.
    refResolver: { buildLocalReference: ({ $id }) => String($id) },
    transform: ({ schema, url, route }) => ({
      url,
      schema: { operationId: route.handler.name, ...(schema as object) },
    }),
  });
  await app.register(fastifySwaggerUi, { routePrefix: '/documentation', staticCSP: true });
}
