import type { FastifyInstance } from 'fastify';

/** One line per response, with what a person looks for; Fastify's own two lines and their serializers cost twice that. */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', function logResponse(request, reply, done) {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 100) / 100,
      },
      'request',
    );
    done();
  });
}
