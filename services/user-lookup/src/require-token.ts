import { createHash, timingSafeEqual } from 'node:crypto';
import { problemResponse } from '@tandem/service-kit';
import type { FastifyInstance } from 'fastify';
import { problems } from './errors.ts';

/** The security scheme in the OpenAPI document. */
export const securitySchemes = { bearerToken: { type: 'http', scheme: 'bearer' } } as const;

/**
 * Requires the token, as `authorization: Bearer …` (RFC 6750), on all routes that are registered afterwards; else 401. The
 * routes' OpenAPI documents the token.
 */
export function requireToken(app: FastifyInstance, token: string): void {
  // Digests have one length, so that the comparison takes the same time for every token.
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(token);
  app.addHook('onRoute', (route) => {
    const response = { ...(route.schema?.response as object | undefined), 401: problemResponse(401) };
    route.schema = { ...route.schema, security: [{ bearerToken: [] }], response };
  });
  app.addHook('onRequest', function checkToken({ headers: { authorization = '' } }, _reply, done) {
    const [, given] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return done();
    const what = given === undefined ? 'The request has no token' : 'The token is wrong';
    done(
      problems.UNAUTHORIZED({
        detail: `${what}: send \`authorization: Bearer …\` with the value of USER_LOOKUP_TOKEN.`,
      }),
    );
  });
}
