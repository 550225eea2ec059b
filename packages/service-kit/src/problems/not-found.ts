import type { FastifyInstance } from 'fastify';
import { problems } from '../errors.ts';
import type { AllowedMethods } from '../server/allowed-methods.ts';

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
