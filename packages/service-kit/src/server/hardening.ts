import fastifyHelmet from '@fastify/helmet';
import fastifyRateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { problems } from '../errors.ts';
import type { Problem } from '../problems/problem.ts';
import { countHosts, hostDetail, hostTest } from './host-names.ts';
import { refuseOddRequests } from './odd-requests.ts';

/** Security headers on every answer. */
export async function sendSecurityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(fastifyHelmet, {
    // The API serves JSON only; the documentation page brings a policy of its own.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: false, // plain HTTP: who terminates TLS sets it
  });
}

/** Rate limit, host check, and the parts of HTTP that Node itself would answer with an empty page. */
export async function harden(
  app: FastifyInstance,
  options: {
    /** Requests per minute and client. */
    readonly rateLimitMax: number;
    /** Names, besides those of this machine, that requests may be addressed to; any when left out. */
    readonly allowedHosts?: readonly string[] | undefined;
  },
): Promise<void> {
  await app.register(fastifyRateLimit, {
    max: options.rateLimitMax,
    timeWindow: '1 minute',
    errorResponseBuilder: (_request, { max, after }) =>
      problems.TOO_MANY_REQUESTS({ detail: `At most ${max} requests a minute; try again in ${after}.` }),
  });
  const isOurs = options.allowedHosts === undefined ? () => true : hostTest(options.allowedHosts);
  app.addHook('onRequest', function requireHost(request, _reply, done) {
    const { httpVersionMinor, headers, rawHeaders } = request.raw;
    if (httpVersionMinor === 1 && !headers.host) return done(hostProblem('is required'));
    if (countHosts(rawHeaders) > 1) return done(hostProblem('must be there once'));
    const { host = '' } = headers;
    done(host === '' || isOurs(host) ? undefined : notAllowed(host)); // browsers always send one
  });
  refuseOddRequests(app);
}

function hostProblem(detail: string): Problem {
  return problems.VALIDATION_FAILED({ errors: [{ in: 'header', field: 'host', detail }] });
}

function notAllowed(host: string): Problem {
  return problems.HOST_NOT_ALLOWED({ detail: hostDetail(host, 'ALLOWED_HOSTS') });
}
