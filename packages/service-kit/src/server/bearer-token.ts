import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { problems } from '../errors.ts';
import { PROBLEM_JSON, ProblemDetails } from '../problems/problem-details.ts';

/** Name of the scheme in OpenAPI documents. */
export const BEARER_SCHEME = 'bearerToken';

/** What requests must know. */
export interface ApiToken {
  readonly value: string;
  /** The variable that it is set with, for messages. */
  readonly variable: string;
}

const CREDENTIALS = /^Bearer +(\S+) *$/i;

/**
 * Makes a comparison with a secret that takes the same time for every text, whatever is right about it.
 *
 * @example
 * const isToken = secretTest('a long random text');
 * isToken('another'); // false
 */
export function secretTest(secret: string): (text: string) => boolean {
  // Digests have one length; the key keeps anybody from choosing a text by its digest.
  const key = randomBytes(32);
  const digest = (text: string) => createHmac('sha256', key).update(text).digest();
  const expected = digest(secret);
  return (text) => timingSafeEqual(digest(text), expected);
}

/** The token of an `authorization: Bearer …` header (RFC 6750); undefined where there is none. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : CREDENTIALS.exec(authorization)?.[1];
}

/**
 * Answers requests to all routes of an app that are registered from now on with 401, unless they carry the token.
 * Their OpenAPI says so.
 */
export function requireBearerToken(app: FastifyInstance, { value, variable }: ApiToken): void {
  const isToken = secretTest(value);
  app.addHook('onRoute', (route) => {
    const schema: Record<string, unknown> = { ...route.schema };
    const response = { description: 'Unauthorized', content: { [PROBLEM_JSON]: { schema: ProblemDetails } } };
    schema.security = [{ [BEARER_SCHEME]: [] }];
    schema.response = { ...(schema.response as object | undefined), 401: response };
    route.schema = schema;
  });
  app.addHook('onRequest', function requireToken(request, _reply, done) {
    const given = bearerToken(request.headers.authorization);
    if (given !== undefined && isToken(given)) return done();
    const what = given === undefined ? 'The request has no token' : 'The token is another one';
    done(
      problems.UNAUTHORIZED({
        detail: `${what}: send \`authorization: Bearer …\` with the value of ${variable}.`,
      }),
    );
  });
}
