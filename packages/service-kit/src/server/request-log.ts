import type { FastifyInstance } from 'fastify';
import type { LoadShedding } from './load-shedding.ts';

/**
 * One line per response, with what a person looks for; Fastify's own two lines and their serializers cost twice that.
 * Requests that load keeps out have none: `LoadShedding` tells how many there were.
 */
export function logRequests(app: FastifyInstance, shedding: LoadShedding): void {
  app.addHook('onResponse', function logResponse(request, reply, done) {
    if (shedding.hasRefused(request)) return done();
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
