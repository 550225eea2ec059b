import type { FastifyInstance } from 'fastify';

/**
 * Takes bodies off requests that no route waits for: whether a body is well-formed says nothing about a path, so the
 * answer is 404 or 405 and never 400 or 415. To be called before any route.
 */
export function ignoreUnwantedBodies(app: FastifyInstance): void {
  // Fastify's own QUERY has to have a body: where none came, its answer would be 400.
  app.addHttpMethod('QUERY', { overrideExisting: true });
  app.addHook('onRequest', function ignoreBody(request, _reply, done) {
    if (request.is404)
      for (const name of ['content-type', 'content-length', 'transfer-encoding'])
        delete request.headers[name];
    done();
  });
}
