import type { FastifyInstance } from 'fastify';
import { problems } from '../errors.ts';
import type { AllowedMethods } from '../server/allowed-methods.ts';

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

/** Sets the answer for URLs without a route: 405 with `Allow` where another method has one, else 404. */
export function setNotFound(app: FastifyInstance, allowed: AllowedMethods): void {
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, function answerNotFound(request, reply) {
    const methods = allowed.of(request.url);
    if (methods.length === 0) throw problems.ROUTE_NOT_FOUND();
    const allow = methods.join(', ');
    if (request.method === 'OPTIONS') {
      reply.code(204).header('allow', allow).send();
      return;
    }
    throw problems.METHOD_NOT_ALLOWED({
      detail: `${request.method} is not one of ${allow}.`,
      headers: { allow },
    });
  });
}
