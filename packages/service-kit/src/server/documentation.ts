import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { ServerOptions } from './server.ts';

/** Security schemes of OpenAPI, by name. */
export type SecuritySchemes = Readonly<Record<string, { readonly type: 'http'; readonly scheme: string }>>;

/** A header that the documentation names, and no schema checks. */
export interface DocumentedHeader {
  readonly description: string;
  /** OpenAPI's Example Objects, by name. */
  readonly examples: Readonly<
    Record<string, { readonly summary: string; readonly value: string; readonly description: string }>
  >;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly documentedHeaders?: Readonly<Record<string, DocumentedHeader>>;
  }
}

/**
 * Documents every route that is registered afterwards: a page at /documentation, OpenAPI at /documentation/json, which pages of
 * `corsOrigins` may read: they learn from it what they can request.
 */
export async function documentRoutes(
  app: FastifyInstance,
  { title, description, version, securitySchemes, corsOrigins = [] }: ServerOptions,
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
      schema: { operationId: route.handler.name, ...withHeaders(schema, route.config?.documentedHeaders) },
    }),
  });
  await app.register(async (documentation) => {
    documentation.addHook('onRoute', (route) => {
      // Reading what an API offers is no request of the API.
      route.config = { ...route.config, otel: false };
    });
    documentation.addHook('onRequest', function allowPages({ headers: { origin } }, reply, done) {
      reply.header('vary', 'Origin');
      if (origin !== undefined && corsOrigins.includes(origin))
        reply.header('access-control-allow-origin', origin);
      done();
    });
    await documentation.register(fastifySwaggerUi, { routePrefix: '/documentation', staticCSP: true });
  });
}

/** A route's schema with headers that it only documents. */
function withHeaders(
  schema: { readonly headers?: unknown } | undefined,
  documented: Readonly<Record<string, DocumentedHeader>> = {},
): object {
  const { properties } = Object(schema?.headers);
  const added = Object.entries(documented).map(([name, { description, examples }]) => [
    name,
    { type: 'string', description, 'x-examples': examples },
  ]);
  if (added.length === 0) return { ...schema };
  return {
    ...schema,
    headers: { ...Object(schema?.headers), properties: { ...properties, ...Object.fromEntries(added) } },
  };
}
