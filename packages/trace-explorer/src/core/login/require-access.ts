import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PLAIN_POLICY } from '../../http/plain-page.ts';
import { problems } from '../errors.ts';
import type { Access } from '../serve/access.ts';
import { SESSION_COOKIE } from '../serve/access.ts';
import { renderLogin } from './login-page.ts';

/** Bytes of the form: a token has at most 256 characters, a path some hundred. */
const MAX_FORM_BYTES = 8192;
/** Seconds that a browser stays logged in: a week. */
const SESSION_SECONDS = 604_800;
/** Paths that need no token: the health checks of a process manager, and the login. */
const OPEN = new Set(['/health/live', '/health/ready', '/login']);

/**
 * Accepts requests that carry the token, or the cookie of a login. A person without them is asked for the
 * token; other requests get 401.
 */
export async function requireAccess(app: FastifyInstance, access: Access): Promise<void> {
  app.addHook('onRequest', function requireToken(request, reply, done) {
    const { url = '', config } = request.routeOptions;
    if (OPEN.has(url) || config.forLocalPages || access.allows(request.headers)) return done();
    if (isNavigation(request)) return void sendLogin(reply, request.url, false);
    done(
      problems.UNAUTHORIZED({
        detail: 'Send `authorization: Bearer …` with the value of EXPLORER_TOKEN, or log in at /login.',
      }),
    );
  });

  await app.register(async (login) => {
    login.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: MAX_FORM_BYTES },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    );
    login.get<{ Querystring: { path?: string } }>('/login', { schema: { hide: true } }, (request, reply) =>
      sendLogin(reply, String(request.query.path ?? '/'), false, 200),
    );
    login.post('/login', { schema: { hide: true } }, function logIn(request, reply) {
      const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
      const path = ownPath(form.get('path'));
      if (!access.isToken((form.get('token') ?? '').trim())) return sendLogin(reply, path, true);
      // The browser knows whether it uses TLS, also to a proxy that this server does not know.
      const secure = request.headers.origin?.startsWith('https:') ? '; Secure' : '';
      return reply
        .header(
          'set-cookie',
          `${SESSION_COOKIE}=${access.session}; Path=/; Max-Age=${SESSION_SECONDS}; HttpOnly; SameSite=Lax${secure}`,
        )
        .redirect(path, 303);
    });
  });
}

function sendLogin(reply: FastifyReply, path: string, isWrong: boolean, status = 401): FastifyReply {
  return (
    reply
      .code(status)
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('content-security-policy', PLAIN_POLICY)
      // Without a referrer, the form would have the origin `null` and be refused.
      .header('referrer-policy', 'same-origin')
      .send(renderLogin(ownPath(path), isWrong, reply.request.headers.cookie))
  );
}

/** Whether a person opens an address in a browser, and not a script. */
function isNavigation({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && /\btext\/html\b/.test(headers.accept ?? '');
}

/** The path when it belongs to this server. So a link cannot lead from the login to another server. */
function ownPath(path: string | null): string {
  const base = 'http://explorer.invalid';
  const url = path?.startsWith('/') ? URL.parse(path, base) : null;
  // `/.//host` has the path `//host`, which a browser reads as another server.
  return url?.origin === base && !url.pathname.startsWith('//') ? url.pathname + url.search : '/';
}
