import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';

/** Names that wrappers give to handlers. */
const WRAPPERS = ['', 'sseHandler'];

/** Options of @fastify/swagger: shared schemas keep their names, and every operation has an id. */
export const openapiForm: FastifyDynamicSwaggerOptions = {
  refResolver: { buildLocalReference: ({ $id }) => String($id) },
  transform: ({ schema, url, route }) => {
    const { name } = route.handler;
    const operationId = WRAPPERS.includes(name) ? idOf([route.method].flat()[0] ?? '', url) : name;
    return { url, schema: { operationId, ...(schema as object) } };
  },
};

/** Method and path: `getApiActivitiesHome`. */
function idOf(method: string, url: string): string {
  const words = url.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
