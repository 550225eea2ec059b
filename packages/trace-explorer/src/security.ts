import type { FastifyInstance, FastifyRequest } from 'fastify';
import { problems } from './errors.ts';
import { hostTest } from './http/host-names.ts';

export interface SecurityOptions {
  /** Host names, besides those of this machine, that requests may be addressed to. */
  readonly allowedHosts: readonly string[];
}

/** `Host` headers as they came: Node keeps the first of them, and who is in front of it may have gone by another. */
function countHosts(rawHeaders: readonly string[]): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
}

/** The policy of every response: nothing from elsewhere, nothing inline, never in a frame. */
export const contentSecurityPolicy = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/**
 * Keeps other websites in the same browser from reading or asking anything. A request must be addressed to this
 * machine by a name that no stranger's DNS can point here (against DNS rebinding), and what a browser says of
 * the page that sent it must be our own. Only following a link here is open to everyone.
 */
export function guardRequests(app: FastifyInstance, { allowedHosts }: SecurityOptions): void {
  const isOurs = hostTest(allowedHosts);
  app.addHook('onRequest', function refuseStrangers(request, _reply, done) {
    const host = request.headers.host ?? '';
    if (countHosts(request.raw.rawHeaders) > 1)
      throw problems.VALIDATION_FAILED({
        errors: [{ in: 'header', field: 'host', detail: 'must be there once' }],
      });
    if (!isOurs(host))
      throw problems.HOST_NOT_ALLOWED({
        detail: `Requests for the host ${JSON.stringify(host.slice(0, 80))} are not answered. If that name is yours, add it to EXPLORER_ALLOWED_HOSTS.`,
      });
    if (!isOwnPage(request, host)) throw problems.ORIGIN_NOT_ALLOWED();
    done();
  });
}

function isOwnPage({ headers, method }: FastifyRequest, host: string): boolean {
  const { origin } = headers;
  if (origin !== undefined) {
    return origin === `http://${host}` || origin === `https://${host}`;
  }
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return true;
  const isLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return isLink && (method === 'GET' || method === 'HEAD');
}
