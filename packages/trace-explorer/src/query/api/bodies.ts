import type { FastifyInstance } from 'fastify';
import { problems } from '../../errors.ts';
import { parseJson } from '../../shared/parse-json.ts';

/** Makes the routes of `app` read JSON bodies with exact integers, see parseJson. */
export function readExactJson(app: FastifyInstance): void {
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJson(String(body)));
    } catch (error) {
      const message = `The body is not valid JSON: ${error instanceof Error ? error.message : error}`;
      done(Object.assign(new Error(message), { statusCode: 400 }), undefined);
    }
  });
}

/** The JSON of a parameter; undefined for an absent parameter. @throws problem VALIDATION_FAILED that names the field */
export function fromJson(text: string | undefined, field: string): unknown {
  if (text === undefined) return undefined;
  try {
    return parseJson(text);
  } catch {
    throw problems.VALIDATION_FAILED({ errors: [{ in: 'query', field, detail: 'must be JSON' }] });
  }
}
