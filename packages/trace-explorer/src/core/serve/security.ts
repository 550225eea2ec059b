import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hostTest } from '../../http/host-names.ts';
import { isLoopbackOrigin } from '../../lib/text/loopback.ts';
import { problems } from '../errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Any page of this machine may ask for it, and without a token. */
    readonly forLocalPages?: true;
  }
}

export interface SecurityOptions {
  /** Host names that requests may use, besides the names of this machine. */
  readonly allowedHosts: readonly string[];
}

/** Counts `Host` headers. Node keeps the first one, while a proxy in front of it may have used another one. */
function countHosts(rawHeaders: readonly string[]): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
}

/** The policy of every response: nothing from other servers, nothing inline, never in a frame. */
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
 * Keeps other websites in the same browser from sending requests. A request must be addressed to this machine by a name that no
 * stranger's DNS can point here (against DNS rebinding). And the browser must name this server's own page as the sender. Only
 * following a link to this server is open to everyone.
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
        detail: `Requests for the host ${JSON.stringify(host.slice(0, 80))} get no answer. If that name is yours, add it to EXPLORER_ALLOWED_HOSTS.`,
      });
    const isAllowed = request.routeOptions.config.forLocalPages
      ? isLocalPage(request)
      : isOwnPage(request, host);
    if (!isAllowed) throw problems.ORIGIN_NOT_ALLOWED({ detail: BEHIND_A_PROXY });
    done();
  });
}

const BEHIND_A_PROXY =
  'The request came to another host than the one that the browser names as the page. Behind a proxy: let it pass the header Host on unchanged (nginx: proxy_set_header Host $host), and add this host to EXPLORER_ALLOWED_HOSTS.';

/** Whether a page of this machine asks. A script tag sends no Origin. The Referer names the page then. */
function isLocalPage({ headers }: FastifyRequest): boolean {
  const from = headers.origin ?? headers.referer;
  return from === undefined ? headers['sec-fetch-site'] !== 'cross-site' : isLoopbackOrigin(from);
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
