import type { FastifyInstance } from 'fastify';
import { parseJson } from '../../../lib/text/parse-json.ts';
import { problems } from '../../errors.ts';

/** Bytes of a body. A person writes far less, even 100 filters with 100 values each. */
const BODY_LIMIT = 256 * 1024;

/** Makes the routes of `app` take bodies with a query: integers are exact, see parseJson, and only parse/ checks them. */
export function takeQueries(app: FastifyInstance): void {
  app.setValidatorCompiler(() => () => true);
  const options = { parseAs: 'string', bodyLimit: BODY_LIMIT } as const;
  app.addContentTypeParser('application/json', options, (_request, body, done) => {
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
