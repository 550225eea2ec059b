import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import fastifyCors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import { problems } from '../problems/problems.ts';

const HOST_TWICE = { in: 'header', field: 'host', detail: 'must be given once' } as const;

/** Seconds for which a browser keeps the answer to a preflight. */
const MAX_AGE_SECONDS = 600;

/** Lets pages of `origins` call the routes of this instance, send trace context, and read trace context in answers. */
export async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  await app.register(fastifyCors, {
    origin: [...origins],
    methods: ['OPTIONS', 'GET', 'HEAD', 'POST'],
    allowedHeaders: ['content-type', 'if-modified-since', 'traceparent', 'tracestate', 'baggage'],
    exposedHeaders: ['location', 'link', 'traceresponse', 'server-timing'],
    maxAge: MAX_AGE_SECONDS,
    strictPreflight: false,
  });
}

/**
 * Refuses requests with two Host headers, and requests for other host names. A foreign page can give a name of its own the
 * address of this machine (DNS rebinding), and could then read all answers. A host that is an IP address is allowed. Pages
 * of `origins` may see how long each phase of their requests took (Resource Timing).
 *
 * @param allowedHosts names besides localhost that requests may be for; any name when undefined
 */
export function checkCallers(
  app: FastifyInstance,
  allowedHosts: readonly string[] | undefined,
  origins: readonly string[],
): void {
  const names = new Set(['localhost', ...(allowedHosts ?? [])].map((name) => name.toLowerCase()));
  const isOurs = (host: string) =>
    host === '' || names.has(host) || host.endsWith('.localhost') || isIP(host.replace(/[[\]]/g, '')) !== 0;
  app.addHook('onRequest', function checkCaller({ raw, headers: { host = '', origin } }, reply, done) {
    if (hasTwoHosts(raw)) return done(problems.VALIDATION_FAILED({ errors: [HOST_TWICE] }));
    if (origin !== undefined && origins.includes(origin)) reply.header('timing-allow-origin', origin);
    const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
    if (allowedHosts === undefined || isOurs(name)) return done();
    const shown = JSON.stringify(host.slice(0, 80));
    const detail = `Requests for the host ${shown} get no answer. If that name is yours, add it to ALLOWED_HOSTS.`;
    done(problems.HOST_NOT_ALLOWED({ detail }));
  });
}

/** True for several Host headers (RFC 9112, 3.2). Node's `headers` have the first, a proxy may have checked the second. */
function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.filter((name, at) => at % 2 === 0 && /^host$/i.test(name)).length > 1;
}

/** True when only this machine can reach this address or name. */
export function isThisMachine(host: string): boolean {
  return host === '::1' || host === 'localhost' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
